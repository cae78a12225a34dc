package offload_test

import (
	"net/netip"
	"strconv"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// A mirror is a chip that keeps what it is sent until it is asked for, without
// allocating.
type mirror struct {
	fakeChip // for what is not measured
	buf      [4096]byte
	n        int
}

func (c *mirror) Connect(int, uint16, netip.AddrPort, string) error { return nil }
func (c *mirror) Bind(int, uint16) error                            { return nil }
func (c *mirror) Close(int, bool) error                             { return nil }

func (c *mirror) Send(_ int, b []byte) (int, error) {
	n := copy(c.buf[c.n:], b)
	c.n += n
	return n, nil
}

func (c *mirror) Recv(_ int, b []byte) (int, error) {
	if c.n == 0 {
		return 0, netdev.ErrWouldBlock
	}
	n := copy(b, c.buf[:c.n])
	c.n = copy(c.buf[:], c.buf[n:c.n])
	return n, nil
}

func (c *mirror) SendTo(_ int, b []byte, _ netip.AddrPort) error {
	c.n = copy(c.buf[:], b)
	return nil
}

func (c *mirror) RecvFrom(_ int, b []byte) (int, netip.AddrPort, error) {
	n, err := c.Recv(0, b)
	return n, peerAddr, err
}

func (c *mirror) Idle(wake <-chan struct{}, d time.Duration) {
	if d < 0 {
		<-wake
	}
}

func newMirror(tb testing.TB) *device {
	chip := &mirror{fakeChip: fakeChip{tb: tb, most: plenty, ports: map[uint16]bool{}, count: map[string]int{}}}
	socks, core := offload.New(offload.Config{Chip: chip, Polled: true})
	tb.Cleanup(core.Stop)
	core.Up(chipAddr)
	return &device{socks, core.Half()}
}

type echo struct {
	name string
	once func()
}

// echoes returns functions that send, and receive that again.
func echoes(tb testing.TB, dev *device, n int) []echo {
	tcp, _ := connect(tb, dev)
	udp, _ := bind(tb, dev)
	out, back := make([]byte, n), make([]byte, n)
	check := func(n int, err error) {
		if err != nil || n == 0 {
			tb.Fatal(n, err)
		}
	}
	return []echo{
		{"Send and Recv", func() {
			check(dev.Send(tcp, out, 0, in(time.Minute)))
			for got := 0; got < n; {
				m, err := dev.Recv(tcp, back, 0, in(time.Minute))
				check(m, err)
				got += m
			}
		}},
		{"SendTo and RecvFrom", func() {
			check(dev.SendTo(udp, out, 0, peerAddr, in(time.Minute)))
			m, _, err := dev.RecvFrom(udp, back, 0, in(time.Minute))
			check(m, err)
		}},
	}
}

func TestSteadyTrafficAllocatesNothing(t *testing.T) {
	for _, e := range echoes(t, newMirror(t), 1000) {
		if n := testing.AllocsPerRun(1000, e.once); n != 0 {
			t.Errorf("%s: %v allocations", e.name, n)
		}
	}
}

func BenchmarkEcho(b *testing.B) {
	for _, size := range []int{1, 1000} {
		for _, e := range echoes(b, newMirror(b), size) {
			b.Run(e.name+"/"+strconv.Itoa(size), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(2 * int64(size))
				for b.Loop() {
					e.once()
				}
			})
		}
	}
}
