package kernel

import (
	"math/rand/v2"
	stdnet "net"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
	"github.com/netdev-go/netdev/wire/ipv4"
	"github.com/netdev-go/netdev/wire/tcp"
)

// A flood of SYNs in others' names keeps nobody from being served, while it lasts
// and afterwards.
func TestSYNFloodKeepsNobodyOut(t *testing.T) {
	l := plug(t, stack.Config{}, ether.Impairment{})
	ln, err := l.listen(80)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go serveEcho(ln)
	bound := l.stack.Counters().Blocks

	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_RAW)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	stop, flooded := make(chan struct{}), make(chan int)
	go func() {
		r := rand.New(rand.NewPCG(1, 2))
		n := 0
		defer func() { flooded <- n }()
		for {
			select {
			case <-stop:
				return
			default:
			}
			// No more than the line carries, or it is that which keeps others out.
			last := l.watch(func(p packet) bool { return p.byStack && p.Dst().As4()[3] == 255 })
			for i := range 256 {
				src := netip.AddrFrom4([4]byte{198, 18, byte(r.Uint32()), byte(i)})
				if err := unix.Sendto(fd, syn(src, l.board, r), 0, &unix.SockaddrInet4{Addr: l.board.As4()}); err != nil && err != unix.ENOBUFS {
					t.Error(err)
					return
				}
				n++
			}
			select {
			case <-last.seen:
			case <-stop:
			}
		}
	}()
	serve := func(when string, times int) {
		for range times {
			c, err := stdnet.Dial("tcp4", at(l.board, 80))
			if err != nil {
				t.Fatalf("%s: %v", when, err)
			}
			if err := echoOnce(c, 'x'); err != nil {
				t.Errorf("%s: %v", when, err)
			}
			c.Close()
		}
	}
	cookies := l.watch(func(p packet) bool { // once it has come to that
		return l.stack.Counters().TCP.SyncookiesSent > 0
	})
	cookies.await(t, "cookie")
	serve("during the flood", 100)
	close(stop)
	n := <-flooded
	serve("after the flood", 100)
	c := l.stack.Counters()
	t.Logf("%d SYNs, %d cookies sent, %d came back", n, c.TCP.SyncookiesSent, c.TCP.SyncookiesRecv)
	if c.TCP.SyncookiesRecv < 100 || c.TCP.NoConns > 0 || c.BlocksPeak > bound {
		t.Errorf("%+v", c)
	}
}

// syn returns a packet with a SYN from any port.
func syn(src, dst netip.Addr, r *rand.Rand) []byte {
	b := make([]byte, ipv4.HeaderLen+tcp.HeaderLen)
	ip := ipv4.Header{TotalLen: len(b), TTL: 64, Protocol: tcp.Protocol, Src: src, Dst: dst}
	ip.Emit(b)
	h := tcp.Header{SrcPort: uint16(r.Uint32()) | 1, DstPort: 80, Seq: tcp.Seq(r.Uint32()), Flags: tcp.SYN, Window: 65535}
	h.Emit(b[ipv4.HeaderLen:])
	tcp.Segment(b[ipv4.HeaderLen:]).FillChecksum(src, dst)
	return b
}
