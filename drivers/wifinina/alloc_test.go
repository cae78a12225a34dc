//go:build !tinygo

package wifinina_test

import (
	"encoding/binary"
	"net/netip"
	"sync"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/wifinina"
	"github.com/netdev-go/netdev/netlink"
)

// A stub is the least of a chip: it says yes to all, has an echo of its own in
// every socket, and allocates nothing.
type stub struct {
	mu       sync.Mutex
	selected bool
	replies  bool
	command  [4092]byte
	n        int
	reply    [4092]byte
	at       int
	kept     [4092]byte // sent, and not received
	held     int
}

func (s *stub) ready() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.selected
}

func (s *stub) cs(high bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if high && s.selected && s.n+s.at > 0 {
		if s.replies = !s.replies; s.replies {
			s.answer()
		}
	}
	s.selected, s.n, s.at = !high, 0, 0
}

func (s *stub) Tx(w, r []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.replies {
		s.at += copy(r, s.reply[s.at:])
	} else {
		s.n += copy(s.command[s.n:], w)
	}
	return nil
}

func (s *stub) answer() {
	cmd := s.command[1]
	s.reply = [4092]byte{0xE0, cmd | 0x80, 1}
	b := s.reply[3:]
	switch {
	case s.command[0] != 0xE0:
		s.reply = [4092]byte{0xEF, 0, 0xEE}
		return
	case cmd == 0x20:
		b = b[copy(b, []byte{1, 3}):]
	case cmd == 0x21:
		s.reply[2] = 3
		b = b[copy(b, []byte{4, 10, 0, 2, 15, 4, 255, 255, 255, 0, 4, 10, 0, 2, 1}):]
	case cmd == 0x22:
		b = b[copy(b, []byte{6, 1, 2, 3, 4, 5, 6}):]
	case cmd == 0x1E:
		s.reply[2] = 2
		b = b[copy(b, []byte{4, 10, 0, 2, 1, 4, 0, 0, 0, 0}):]
	case cmd == 0x37:
		b = b[copy(b, "\x052.0.0"):]
	case cmd == 0x70:
		b = b[copy(b, []byte{1, 54}):]
	case cmd == 0x77:
		n := int(binary.BigEndian.Uint16(s.command[6:]))
		s.held = copy(s.kept[:], s.command[8:8+n])
		b = b[copy(b, []byte{2, byte(n >> 8), byte(n)}):]
	case cmd == 0x78:
		b = b[copy(b, []byte{byte(s.held >> 8), byte(s.held)}):]
		b = b[copy(b, s.kept[:s.held]):]
		s.held = 0
	case cmd == 0x79:
		n := int(binary.BigEndian.Uint16(s.command[16:]))
		s.held = copy(s.kept[:], s.command[18:18+n])
		b = b[copy(b, []byte{2, byte(n >> 8), byte(n)}):]
	case cmd == 0x7A:
		s.reply[2] = 3
		b = b[copy(b, []byte{0, 4, 10, 0, 2, 2, 0, 2, 7, 0, byte(s.held >> 8), byte(s.held)}):]
		b = b[copy(b, s.kept[:s.held]):]
		s.held = 0
	case cmd == 0x7B:
		b = b[copy(b, []byte{4, 1, 0, 0, 0}):]
	case cmd == 0x7C && s.held > 0:
		b = b[copy(b, []byte{1, 3}):]
	case cmd == 0x7C:
		b = b[copy(b, []byte{1, 2}):]
	default:
		b = b[copy(b, []byte{1, 1}):]
	}
	b[0] = 0xEE
}

func TestSteadyTrafficDoesNotAllocate(t *testing.T) {
	s := new(stub)
	dev := wifinina.New(&wifinina.Config{SPI: s, CS: s.cs, Ready: s.ready})
	defer dev.Stop()
	must(t, dev.NetConnect(&netlink.ConnectParams{Ssid: "stub"}))
	to := netip.MustParseAddrPort("10.0.2.2:7")
	for name, stype := range map[string]int{"stream": netdev.SOCK_STREAM, "datagrams": netdev.SOCK_DGRAM} {
		fd, err := dev.Socket(netdev.AF_INET, stype, 0)
		must(t, err)
		must(t, dev.Connect(fd, "", to))
		out, in := pattern(700), make([]byte, 700)
		echo := func() {
			if n, err := dev.Send(fd, out, 0, never); n != len(out) || err != nil {
				t.Fatalf("%s: Send: %d, %v", name, n, err)
			}
			for got := 0; got < len(in); {
				n, err := dev.Recv(fd, in[got:], 0, never)
				if err != nil {
					t.Fatalf("%s: Recv: %v", name, err)
				}
				got += n
			}
			if string(in) != string(out) {
				t.Fatalf("%s: other bytes came back", name)
			}
		}
		for range 100 {
			echo()
		}
		if n := testing.AllocsPerRun(500, echo); n > 0 {
			t.Errorf("%s: %v allocations for an echo", name, n)
		}
		must(t, dev.Close(fd))
	}
}

// BenchmarkAlone is the driver and its engine over a chip that takes no time.
func BenchmarkAlone(b *testing.B) {
	for name, stype := range map[string]int{"stream": netdev.SOCK_STREAM, "datagrams": netdev.SOCK_DGRAM} {
		b.Run(name, func(b *testing.B) {
			s := new(stub)
			dev := wifinina.New(&wifinina.Config{SPI: s, CS: s.cs, Ready: s.ready})
			defer dev.Stop()
			must(b, dev.NetConnect(&netlink.ConnectParams{Ssid: "stub"}))
			fd, err := dev.Socket(netdev.AF_INET, stype, 0)
			must(b, err)
			must(b, dev.Connect(fd, "", netip.MustParseAddrPort("10.0.2.2:7")))
			buf := pattern(700)
			b.SetBytes(2 * int64(len(buf)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := dev.Send(fd, buf, 0, never); err != nil {
					b.Fatal(err)
				}
				for got := 0; got < len(buf); {
					n, err := dev.Recv(fd, buf[got:], 0, never)
					if got += n; err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
