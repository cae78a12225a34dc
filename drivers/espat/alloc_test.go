package espat

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// A canned module answers without allocating.
type canned struct {
	out  []byte
	want int
}

var (
	cannedPrompt = []byte("\r\nOK\r\n\r\n>")
	cannedSent   = []byte("+CIPSENDL:64,64\r\n\r\nSEND OK\r\n")
	cannedData   = []byte("\r\n+IPD,1,9\r\n+CIPRECVDATA:64,\"10.0.0.2\",80,0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\nOK\r\n")
)

func (c *canned) Write(b []byte) (int, error) {
	switch {
	case c.want > 0:
		if c.want -= len(b); c.want == 0 {
			c.out = append(c.out, cannedSent...)
		}
	case bytes.HasPrefix(b, []byte("AT+CIPSENDL=")):
		c.out = append(c.out, cannedPrompt...)
		c.want = 64
	case bytes.HasPrefix(b, []byte("AT+CIPRECVDATA=")):
		c.out = append(c.out, cannedData...)
	}
	return len(b), nil
}

func (c *canned) Read(b []byte) (int, error) {
	n := copy(b, c.out)
	c.out = c.out[:copy(c.out, c.out[n:])]
	return n, nil
}

func (c *canned) Buffered() int { return len(c.out) }

type nobody struct{}

func (nobody) Signal(int)         {}
func (nobody) Reset(error)        {}
func (nobody) Lost()              {}
func (nobody) Changed(netip.Addr) {}

// begun is a chip with a stream on link 4.
func begun(port UART) (m *chip, id int) {
	m = newChip(Config{UART: port})
	m.core, m.link = nobody{}, nobody{}
	m.booted = true
	m.can = abilities{sendLong: true}
	id, _ = m.take(offload.Stream, none)
	m.slots[id].sent = roomy + 1
	m.attach(4, id, netip.MustParseAddrPort("10.0.0.2:80"))
	return m, id
}

func TestSendingAllocatesNothing(t *testing.T) {
	m, id := begun(&canned{out: make([]byte, 0, 1024)})
	payload := make([]byte, 64)
	n := testing.AllocsPerRun(100, func() {
		if n, err := m.Send(id, payload); n != 64 || err != nil {
			t.Fatal(n, err)
		}
		m.Idle(nil, 0)
	})
	if n != 0 {
		t.Errorf("%v allocations for each Send", n)
	}
}

func TestReceivingAllocatesNothing(t *testing.T) {
	m, id := begun(&canned{out: make([]byte, 0, 1024)})
	m.remote[1].used, m.remote[1].slot = true, none
	buf := make([]byte, 64)
	n := testing.AllocsPerRun(100, func() {
		m.remote[4].data = true
		if n, err := m.Recv(id, buf); n != 64 || err != nil {
			t.Fatal(n, err)
		}
		m.Idle(nil, 0)
	})
	if n != 0 {
		t.Errorf("%v allocations for each Recv", n)
	}
}

func TestWaitingForNothingAllocatesNothing(t *testing.T) {
	m, id := begun(&canned{})
	buf := make([]byte, 64)
	wake := make(chan struct{}, 1)
	n := testing.AllocsPerRun(100, func() {
		m.Recv(id, buf)
		wake <- struct{}{}
		m.Idle(wake, time.Second)
	})
	if n != 0 {
		t.Errorf("%v allocations for each wait", n)
	}
}

// BenchmarkAlone is what drives the module, over one that takes no time.
func BenchmarkAlone(b *testing.B) {
	m, id := begun(&canned{out: make([]byte, 0, 1024)})
	m.remote[1].used, m.remote[1].slot = true, none
	buf := make([]byte, 64)
	b.Run("Send", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := m.Send(id, buf); err != nil {
				b.Fatal(err)
			}
			m.Idle(nil, 0)
		}
	})
	b.Run("Recv", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			m.remote[4].data = true
			if _, err := m.Recv(id, buf); err != nil {
				b.Fatal(err)
			}
			m.Idle(nil, 0)
		}
	})
}
