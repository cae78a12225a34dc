package kernel

import (
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	stdnet "net"
	"syscall"
	"testing"
	"time"

	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/sim/ether"
)

var impaired = flag.Int("impaired", 4, "MiB to transfer each way over a bad line")

// A pair is how one side calls the other.
type pair struct {
	name   string
	listen func() (stdnet.Listener, error)
	dial   func(addr string) (stdnet.Conn, error)
}

var pairs = []pair{
	{"kernel to stack",
		func() (stdnet.Listener, error) { return net.Listen("tcp4", stackSide.Addr().String()+":0") },
		func(addr string) (stdnet.Conn, error) { return stdnet.Dial("tcp4", addr) }},
	{"stack to kernel",
		func() (stdnet.Listener, error) { return stdnet.Listen("tcp4", kernelSide.Addr().String()+":0") },
		func(addr string) (stdnet.Conn, error) { return net.Dial("tcp4", addr) }},
}

// connect returns both ends of a connection.
func (p pair) connect(t *testing.T) (client, server stdnet.Conn) {
	t.Helper()
	l, err := p.listen()
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	accepted := make(chan stdnet.Conn, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			t.Error(err)
		}
		accepted <- c
	}()
	if client, err = p.dial(l.Addr().String()); err != nil {
		l.Close()
		t.Fatal(err)
	}
	if server = <-accepted; server == nil {
		t.FailNow()
	}
	t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

// transfer sends size random bytes each way at the same time, half-closes, and
// compares the hashes.
func transfer(t *testing.T, a, b stdnet.Conn, size int64) {
	t.Helper()
	late := time.Now().Add(5 * time.Minute)
	a.SetDeadline(late)
	b.SetDeadline(late)
	done := make(chan error, 4)
	oneWay := func(from, to stdnet.Conn, seed uint64) {
		sums := make(chan [2]any, 2)
		go func() {
			h := sha256.New()
			src := rand.NewChaCha8([32]byte{byte(seed)})
			n, err := io.CopyN(io.MultiWriter(from, h), src, size)
			if err == nil {
				err = from.(interface{ CloseWrite() error }).CloseWrite()
			}
			sums <- [2]any{fmt.Sprintf("%x", h.Sum(nil)), wrap(err, "after %d bytes were sent", n)}
		}()
		go func() {
			h := sha256.New()
			n, err := io.Copy(h, to)
			sums <- [2]any{fmt.Sprintf("%x", h.Sum(nil)), wrap(err, "after %d bytes were received", n)}
		}()
		x, y := <-sums, <-sums
		for _, s := range [][2]any{x, y} {
			if err, _ := s[1].(error); err != nil {
				done <- err
				return
			}
		}
		if x[0] != y[0] {
			done <- errors.New("what was received is not what was sent")
			return
		}
		done <- nil
	}
	go oneWay(a, b, 1)
	go oneWay(b, a, 2)
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
			a.Close()
			b.Close()
		}
	}
}

func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}

func TestHundredMiBEachWay(t *testing.T) {
	for _, p := range pairs {
		t.Run(p.name, func(t *testing.T) {
			plug(t, static, ether.Impairment{})
			a, b := p.connect(t)
			began := time.Now()
			transfer(t, a, b, 100<<20)
			t.Logf("%.0f MB/s both ways together", 200*1.048576/time.Since(began).Seconds())
		})
	}
}

func TestManyMiBEachWayOverABadLine(t *testing.T) {
	for _, text := range []string{
		"loss 0.1%, delay 2ms, jitter 1ms",
		"loss 1%, reorder 2% 3ms, duplicate 1%, delay 1ms",
		"corrupt 0.2%, delay 500us",
		"burst 0.1% 25%, delay 1ms",
		"rate 200mbit, delay 5ms, limit 128KiB",
	} {
		imp, err := ether.ParseImpairment(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range pairs {
			t.Run(text+"/"+p.name, func(t *testing.T) {
				plug(t, static, imp)
				a, b := p.connect(t)
				began := time.Now()
				size := int64(*impaired) << 20
				transfer(t, a, b, size)
				t.Logf("%.1f MB/s each way", float64(size)/1e6/time.Since(began).Seconds())
			})
		}
	}
}

func TestClosedPortRefuses(t *testing.T) {
	plug(t, static, ether.Impairment{})
	if c, err := stdnet.Dial("tcp4", stackSide.Addr().String()+":9"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("the kernel's dial: %v, %v", c, err)
	}
	if c, err := net.Dial("tcp4", kernelSide.Addr().String()+":9"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("the stack's dial: %v, %v", c, err)
	}
}

func TestResetArrives(t *testing.T) {
	for _, p := range pairs {
		t.Run(p.name, func(t *testing.T) {
			plug(t, static, ether.Impairment{})
			for _, back := range []bool{false, true} {
				a, b := p.connect(t)
				if back {
					a, b = b, a
				}
				a.(interface{ SetLinger(int) error }).SetLinger(0)
				a.Close()
				b.SetDeadline(time.Now().Add(10 * time.Second))
				if _, err := b.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
					t.Errorf("Read after a reset: %v", err)
				}
			}
		})
	}
}

func TestAThousandConnectionsInTurn(t *testing.T) {
	for _, p := range pairs {
		t.Run(p.name, func(t *testing.T) {
			plug(t, static, ether.Impairment{})
			l, err := p.listen()
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					go func() {
						defer c.Close()
						io.Copy(c, c)
					}()
				}
			}()
			for i := range 1000 {
				c, err := p.dial(l.Addr().String())
				if err != nil {
					t.Fatalf("connection %d: %v", i, err)
				}
				c.SetDeadline(time.Now().Add(10 * time.Second))
				if _, err := c.Write([]byte{byte(i)}); err != nil {
					t.Fatal(err)
				}
				var b [2]byte
				if n, err := c.Read(b[:]); n != 1 || err != nil || b[0] != byte(i) {
					t.Fatalf("connection %d: echo of %d bytes, %v", i, n, err)
				}
				if err := c.Close(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
