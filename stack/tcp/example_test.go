package tcp_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/stack/tcp"
)

// Two engines, and a loop that carries their segments.
func Example() {
	newEngine := func() *tcp.Engine {
		return tcp.New(tcp.Config{
			Pool: block.NewPool(block.Config{BlockSize: 2048, Blocks: 64}),
			Rand: rand.Uint64,
		})
	}
	here, there := newEngine(), newEngine()
	now := time.Second // of a clock that the owner has
	carry := func() {
		buf := make([]byte, 1480)
		for idle := 0; idle < 2; here, there = there, here {
			idle++
			for {
				n, path := here.Output(now, buf)
				if n == 0 {
					break
				}
				there.Input(now, path.Local.Addr(), path.Remote.Addr(), buf[:n])
				idle = 0
			}
		}
	}

	server := netip.MustParseAddrPort("10.0.0.2:80")
	l, err := there.Listen(server, 1, tcp.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := here.Dial(now, netip.MustParseAddrPort("10.0.0.1:40000"), server, tcp.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	carry()
	s := l.Accept(now)
	fmt.Println(c.State(), s.State())

	c.Write(now, []byte("hello"))
	c.Close(now)
	carry()
	buf := make([]byte, 100)
	n := s.Read(now, buf)
	fmt.Printf("%s, %v\n", buf[:n], s.State())
	// Output:
	// ESTABLISHED ESTABLISHED
	// hello, CLOSE-WAIT
}
