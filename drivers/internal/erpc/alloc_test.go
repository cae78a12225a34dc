package erpc_test

import (
	"testing"

	"github.com/netdev-go/netdev/drivers/internal/erpc"
	"github.com/netdev-go/netdev/drivers/internal/uart"
)

// A mirror is a port whose other end answers ack before Write has returned.
type mirror struct {
	in   []byte
	read int
}

func (m *mirror) Buffered() int { return len(m.in) - m.read }

func (m *mirror) Read(b []byte) (int, error) {
	n := copy(b, m.in[m.read:])
	m.read += n
	return n, nil
}

func (m *mirror) Write(b []byte) (int, error) {
	m.in, m.read = append(m.in[:0], b...), 0
	m.in[4] = byte(erpc.Reply)
	crc := erpc.Checksum(m.in[4:])
	m.in[2], m.in[3] = byte(crc), byte(crc>>8)
	return len(b), nil
}

func newMirrored() *erpc.Client {
	return erpc.NewClient(erpc.Config{Line: uart.New(new(mirror)), MaxRequest: 1500, MaxReply: 1500})
}

func echo(t testing.TB, c *erpc.Client, value []byte) {
	c.Request(system, ack).Binary(value)
	d, err := c.Call(patience, false)
	if err != nil || len(d.Binary()) != len(value) || d.End() != nil {
		t.Fatal("no echo: ", err)
	}
}

func TestACallDoesNotAllocate(t *testing.T) {
	c, value := newMirrored(), make([]byte, 1000)
	if n := testing.AllocsPerRun(100, func() { echo(t, c, value) }); n != 0 {
		t.Errorf("a call allocates %v times", n)
	}
}

func BenchmarkCall(b *testing.B) {
	c, value := newMirrored(), make([]byte, 1024)
	b.SetBytes(int64(len(value)))
	b.ReportAllocs()
	for b.Loop() {
		echo(b, c, value)
	}
}
