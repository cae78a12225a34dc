package rtl8720dn

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/erpc"
)

// A parrot is a chip that answers before Write has returned, and allocates
// nothing: it takes all that is sent, and always has something to receive.
type parrot struct {
	out  [2048]byte
	n    int
	read int
	fds  uint32
}

func (p *parrot) Buffered() int { return p.n - p.read }

func (p *parrot) Read(b []byte) (int, error) {
	n := copy(b, p.out[p.read:p.n])
	p.read += n
	return n, nil
}

// received is how much the parrot says each time.
const received = 100

func (p *parrot) Write(f []byte) (int, error) {
	le := binary.LittleEndian
	p.n, p.read = 12, 0
	copy(p.out[4:], f[4:12])
	p.out[4] = byte(erpc.Reply)
	switch request := f[5]; {
	case f[6] != serviceLwIP:
		p.put(0)
	case request == lwipSocket:
		p.put(p.fds)
		p.fds++
	case request == lwipSend || request == lwipSendTo:
		p.put(le.Uint32(f[16:]))
	case request == lwipRecv:
		p.put(received)
		p.n += received
		p.put(received)
	case request == lwipRecvFrom:
		p.put(received)
		p.n += received
		p.put(sockaddrLen)
		from := newSockaddr(netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, 1}), 9))
		p.n += copy(p.out[p.n:], from[:])
		p.put(sockaddrLen)
		p.put(received)
	case request == lwipGetSockOpt:
		p.put(4)
		p.put(0)
		p.put(4)
		p.put(0)
	default:
		p.put(0)
	}
	le.PutUint16(p.out[:], uint16(p.n-4))
	le.PutUint16(p.out[2:], erpc.Checksum(p.out[4:p.n]))
	return len(f), nil
}

func (p *parrot) put(v uint32) {
	binary.LittleEndian.PutUint32(p.out[p.n:], v)
	p.n += 4
}

// joined returns a device that believes that it is connected.
func joined(tb testing.TB) *Device {
	d := New(&Config{UART: new(parrot), SocketBuffer: 256})
	d.chip.booted = true
	d.core.Up(netip.AddrFrom4([4]byte{10, 0, 0, 2}))
	tb.Cleanup(func() { d.Stop() })
	return d
}

func open(tb testing.TB, d *Device, stype int) int {
	fd, err := d.Socket(netdev.AF_INET, stype, 0)
	if err == nil {
		err = d.Connect(fd, "", netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, 1}), 9))
	}
	if err != nil {
		tb.Fatal(err)
	}
	return fd
}

func TestSendAndRecvDoNotAllocate(t *testing.T) {
	for name, stype := range map[string]int{"stream": netdev.SOCK_STREAM, "datagram": netdev.SOCK_DGRAM} {
		t.Run(name, func(t *testing.T) {
			d := joined(t)
			fd := open(t, d, stype)
			buf := make([]byte, received)
			transfer := func() {
				if n, err := d.Send(fd, buf, 0, time.Time{}); n != len(buf) || err != nil {
					t.Fatalf("Send = %d, %v", n, err)
				}
				if n, err := d.Recv(fd, buf, 0, time.Time{}); n != len(buf) || err != nil {
					t.Fatalf("Recv = %d, %v", n, err)
				}
			}
			if n := testing.AllocsPerRun(1000, transfer); n != 0 {
				t.Errorf("Send and Recv allocate %v times", n)
			}
		})
	}
}

// BenchmarkAlone is the driver and its engine over a chip that takes no time.
func BenchmarkAlone(b *testing.B) {
	for name, stype := range map[string]int{"stream": netdev.SOCK_STREAM, "datagrams": netdev.SOCK_DGRAM} {
		b.Run(name, func(b *testing.B) {
			d := joined(b)
			fd, buf := open(b, d, stype), make([]byte, received)
			b.SetBytes(2 * received)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.Send(fd, buf, 0, time.Time{}); err != nil {
					b.Fatal(err)
				}
				if _, err := d.Recv(fd, buf, 0, time.Time{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestNewSaysNothing(t *testing.T) {
	p := new(parrot)
	enabled := 0
	d := New(&Config{UART: p, Enable: func(bool) { enabled++ }})
	if _, err := d.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0); err != netdev.ErrNetDown {
		t.Errorf("Socket = %v", err)
	}
	if err := d.Stop(); err != nil || p.n != 0 || enabled != 0 {
		t.Errorf("Stop = %v; %d bytes, the pin moved %d times", err, p.n, enabled)
	}
}

// A recital is a chip whose replies all bring the same.
type recital struct {
	parrot
	text []byte
}

func (p *recital) Write(f []byte) (int, error) {
	if len(f) < 12 {
		return len(f), nil
	}
	le := binary.LittleEndian
	p.n, p.read = 12+copy(p.out[12:], p.text), 0
	copy(p.out[4:], f[4:12])
	p.out[4] = byte(erpc.Reply)
	le.PutUint16(p.out[:], uint16(p.n-4))
	le.PutUint16(p.out[2:], erpc.Checksum(p.out[4:p.n]))
	return len(f), nil
}
