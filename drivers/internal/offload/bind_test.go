package offload_test

import (
	"net/netip"
	"testing"
	"testing/synctest"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

func addrPort(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

func TestOnlyOwnAddressesCanBeBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, dev := newFake(t, offload.Config{Sockets: 50})
		for _, b := range []struct {
			addr string
			want error
		}{
			{addr: "0.0.0.0:0"},
			{addr: "192.168.4.2:0"},
			{addr: "[::ffff:192.168.4.2]:0"},
			{addr: "192.168.4.3:0", want: netdev.ErrAddrNotAvailable},
			{addr: "127.0.0.1:0", want: netdev.ErrAddrNotAvailable},
			{addr: "[::1]:0", want: netdev.ErrFamilyNotSupported},
		} {
			for _, fd := range []int{stream(t, dev), datagram(t, dev)} {
				if err := dev.Bind(fd, addrPort(b.addr)); err != b.want {
					t.Errorf("Bind to %s: %v, want %v", b.addr, err, b.want)
				}
			}
		}
		group := addrPort("224.0.0.251:5353")
		must(t, dev.Bind(datagram(t, dev), group))
		want(t, "Bind of a stream to a group", dev.Bind(stream(t, dev), group), netdev.ErrAddrNotAvailable)
	})
}

func TestAPortInUseHereIsNotGivenTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// A source of randomness that is none: each port is wished by all.
		_, dev := newFake(t, offload.Config{Sockets: 50, Rand: func() uint64 { return 7 }})
		seen := map[uint16]bool{}
		for range 10 {
			_, p := connect(t, dev)
			if seen[p] {
				t.Fatalf("port %d twice", p)
			}
			seen[p] = true
		}
		a, _ := listen(t, dev, 1)
		b := stream(t, dev)
		want(t, "Bind", dev.Bind(b, netip.AddrPortFrom(chipAddr, port(t, dev, a))), netdev.ErrAddrInUse)
		must(t, dev.Close(a))
		u, p := bind(t, dev)
		want(t, "Bind", dev.Bind(datagram(t, dev), netip.AddrPortFrom(chipAddr, p)), netdev.ErrAddrInUse)
		must(t, dev.Bind(b, netip.AddrPortFrom(chipAddr, p))) // a stream's ports are others
		must(t, dev.Close(u))
		must(t, dev.Bind(datagram(t, dev), netip.AddrPortFrom(chipAddr, p)))
	})
}

// A port that the chip has not closed yet is waited for.
func TestAPortThatIsBeingClosedIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		fd, p := listen(t, dev, 1)
		chip.with(p, func(s *fakeSock) { s.closes = 50 })
		chip.on(func(call string, id int) error {
			chip.mu.Lock()
			defer chip.mu.Unlock()
			if call == "Listen" && chip.count["Close"] < 51 {
				return netdev.ErrAddrInUse
			}
			return nil
		})
		must(t, dev.Close(fd))
		fd = stream(t, dev)
		must(t, dev.Bind(fd, netip.AddrPortFrom(chipAddr, p)))
		must(t, dev.Listen(fd, 1))
	})
}
