package kernel

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	stdnet "net"
	"sync"
	"testing"
	"time"

	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
)

var (
	size = flag.Int64("size", 2, "MiB to transfer each way")
	soak = flag.Duration("soak", 0, "how long to transfer over lines that get worse and better by chance")
	seed = flag.Uint64("seed", 0, "of that chance")
)

// A pair is who calls whom.
type pair struct {
	name   string
	listen func(l *line) (stdnet.Listener, error)
	dial   func(l *line, addr string) (stdnet.Conn, error)
}

var pairs = []pair{
	{"kernel to stack",
		func(l *line) (stdnet.Listener, error) { return l.listen(0) },
		func(l *line, addr string) (stdnet.Conn, error) { return stdnet.Dial("tcp4", addr) }},
	{"stack to kernel",
		func(l *line) (stdnet.Listener, error) { return stdnet.Listen("tcp4", at(l.kernel, 0)) },
		func(l *line, addr string) (stdnet.Conn, error) { return l.dial("tcp4", addr) }},
}

func (l *line) dial(network, addr string) (stdnet.Conn, error) {
	d := net.Dialer{Device: l.stack, Timeout: time.Minute}
	return d.Dial(network, addr)
}

func (l *line) listen(port int) (stdnet.Listener, error) {
	c := net.ListenConfig{Device: l.stack}
	return c.Listen(context.Background(), "tcp4", at(l.board, port))
}

// connect returns both ends of a connection.
func (p pair) connect(t testing.TB, line *line) (client, server stdnet.Conn) {
	t.Helper()
	l, err := p.listen(line)
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
	if client, err = p.dial(line, l.Addr().String()); err != nil {
		l.Close()
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	if server = <-accepted; server == nil {
		t.FailNow()
	}
	t.Cleanup(func() { server.Close() })
	return client, server
}

// ends returns the ends of a connection that the kernel has called the stack on.
func ends(t testing.TB, l *line) (kernel *stdnet.TCPConn, board *net.TCPConn) {
	a, b := pairs[0].connect(t, l)
	return a.(*stdnet.TCPConn), b.(*net.TCPConn)
}

// transfer sends n random bytes each way at the same time, half-closes, and
// compares the hashes.
func transfer(t testing.TB, a, b stdnet.Conn, n int64) {
	t.Helper()
	late := time.Now().Add(5 * time.Minute)
	a.SetDeadline(late)
	b.SetDeadline(late)
	done := make(chan error, 4)
	for i, c := range [][2]stdnet.Conn{{a, b}, {b, a}} {
		sent, received := sha256.New(), sha256.New()
		one := make(chan error, 2)
		go func() {
			src := rand.NewChaCha8([32]byte{byte(i)})
			n, err := io.CopyN(io.MultiWriter(c[0], sent), src, n)
			if err == nil {
				err = c[0].(interface{ CloseWrite() error }).CloseWrite()
			}
			one <- after(err, "sent", n)
		}()
		go func() {
			n, err := io.Copy(received, c[1])
			one <- after(err, "received", n)
		}()
		go func() {
			err := errors.Join(<-one, <-one)
			if err == nil && [32]byte(sent.Sum(nil)) != [32]byte(received.Sum(nil)) {
				err = errors.New("what was received is not what was sent")
			}
			done <- err
		}()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
			a.Close()
			b.Close()
		}
	}
}

func after(err error, what string, n int64) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("after %d bytes were %s: %w", n, what, err)
}

func TestManyMiBEachWay(t *testing.T) {
	for _, p := range pairs {
		t.Run(p.name, func(t *testing.T) {
			l := plug(t, stack.Config{}, ether.Impairment{})
			a, b := p.connect(t, l)
			began := time.Now()
			transfer(t, a, b, *size<<20)
			t.Logf("%.0f MB/s each way, %d of %d segments of the stack's sent again", mbps(*size<<20, began),
				l.stack.Counters().TCP.RetransSegs, l.stack.Counters().TCP.OutSegs)
		})
	}
}

// One way at a time: this is what the line carries.
func TestManyMiBOneWay(t *testing.T) {
	l := plug(t, stack.Config{}, ether.Impairment{})
	for name, swap := range map[string]bool{"from the kernel": false, "from the stack": true} {
		t.Run(name, func(t *testing.T) {
			kernel, board := ends(t, l)
			var from, to stdnet.Conn = kernel, board
			if swap {
				from, to = board, kernel
			}
			late := time.Now().Add(5 * time.Minute)
			from.SetDeadline(late)
			to.SetDeadline(late)
			began := time.Now()
			go func() {
				buf := make([]byte, 1<<16)
				for left := *size << 20; left > 0; {
					n, err := from.Write(buf[:min(left, 1<<16)])
					if err != nil {
						t.Error(err)
						break
					}
					left -= int64(n)
				}
				from.Close()
			}()
			if n, err := io.Copy(io.Discard, to); err != nil || n != *size<<20 {
				t.Errorf("%d bytes received, %v", n, err)
			}
			t.Logf("%.0f MB/s", mbps(*size<<20, began))
		})
	}
}

func mbps(n int64, began time.Time) float64 { return float64(n) / 1e6 / time.Since(began).Seconds() }

func TestManyMiBEachWayOverABadLine(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"loss 0.1%, delay 1ms, jitter 1ms",
		"loss 1%, reorder 2% 1ms, duplicate 1%, delay 100us",
		"corrupt 0.2%, delay 500us",
		"burst 0.05% 25%, delay 200us",
		"rate 200mbit, delay 5ms, limit 256KiB",
	} {
		imp, err := ether.ParseImpairment(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range pairs {
			t.Run(text+"/"+p.name, func(t *testing.T) {
				t.Parallel()
				l := plug(t, stack.Config{}, imp)
				a, b := p.connect(t, l)
				began := time.Now()
				transfer(t, a, b, *size<<20)
				t.Logf("%.1f MB/s each way, %d of %d segments of the stack's sent again", mbps(*size<<20, began),
					l.stack.Counters().TCP.RetransSegs, l.stack.Counters().TCP.OutSegs)
			})
		}
	}
}

func TestSoak(t *testing.T) {
	if *soak == 0 {
		t.Skip("SKIPPED: -soak says how long")
	}
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed %d", *seed)
	for i, p := range pairs {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(*seed, uint64(i)))
			var total int64
			for began := time.Now(); time.Since(began) < *soak && !t.Failed(); {
				c := []stack.Config{{}, stack.SmallBoard(), {MTU: 576}, {MTU: 296}}[r.IntN(4)]
				imp := badWeather(r)
				n := r.Int64N(256 << 10)
				t.Run(imp.String(), func(t *testing.T) {
					l := plug(t, c, ether.Impairment{})
					// Addresses are found first: whoever's three ARP requests are all lost is
					// told that there is no host.
					if _, err := l.stack.Ping(t.Context(), l.kernel, nil); err != nil {
						t.Fatal(err)
					}
					l.Impair(ether.Both, imp)
					a, b := p.connect(t, l)
					var wg sync.WaitGroup
					wg.Go(func() { transfer(t, a, b, n) })
					change := time.NewTicker(time.Second)
					defer change.Stop()
					end := make(chan struct{})
					go func() { wg.Wait(); close(end) }()
					for {
						select {
						case <-change.C:
							imp := badWeather(r)
							t.Logf("now %v", imp)
							l.Impair([]ether.Direction{ether.Transmit, ether.Receive}[r.IntN(2)], imp)
						case <-end:
							return
						}
					}
				})
				total += 2 * n
			}
			t.Logf("%.1f MB", float64(total)/1e6)
		})
	}
}

// badWeather returns an impairment that TCP can live with.
func badWeather(r *rand.Rand) ether.Impairment {
	some := func(most float64) float64 { return max(0, r.Float64()*2-1) * most }
	imp := ether.Impairment{
		Loss: some(0.1), Reorder: some(0.3), ReorderBy: 1 + time.Duration(some(30e6)), Duplicate: some(0.2), Corrupt: some(0.05),
		Delay: time.Duration(some(30e6)), Burst: ether.Burst{Enter: some(0.01), Leave: 0.3},
	}
	imp.Jitter = time.Duration(some(1) * float64(imp.Delay))
	if r.IntN(3) == 0 {
		imp.Rate, imp.Limit = 1e6+r.Int64N(1e8), 8<<10+r.IntN(256<<10)
	}
	return imp
}
