//go:build !tinygo

package wifinina_test

import (
	stdnet "net"
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev"
)

var group = netip.MustParseAddr("239.1.2.3")

// The groups of the older set of sockets are heard by descriptors of lwIP, as all is.
func TestASweepSparesWhatHearsAGroup(t *testing.T) {
	inTime(t, "2.0.0", func(t *testing.T, w *world) {
		u := w.socket(netdev.SOCK_DGRAM)
		must(t, w.dev.Bind(u, anyPort))
		must(t, w.dev.JoinGroup(u, group, ""))
		name, err := w.dev.GetSockName(u)
		must(t, err)
		w.spoil(0x70)
		w.socket(netdev.SOCK_STREAM)
		w.chip.Inject(nil, nil)
		c, _ := w.packets()
		to := &stdnet.UDPAddr{IP: w.addr().AsSlice(), Port: int(name.Port())}
		if _, err := c.WriteTo([]byte("hello"), to); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 10)
		n, _, err := w.dev.RecvFrom(u, b, 0, soon())
		if string(b[:n]) != "hello" || err != nil {
			t.Errorf("received %q, %v", b[:n], err)
		}
	})
}

func TestBroadcastsAreSentAfterAGroupWasLeft(t *testing.T) {
	inTime(t, "2.0.0", func(t *testing.T, w *world) {
		c, addr := w.packets()
		u := w.socket(netdev.SOCK_DGRAM)
		must(t, w.dev.Bind(u, anyPort))
		must(t, w.dev.SetSockOpt(u, netdev.SOL_SOCKET, netdev.SO_BROADCAST, true))
		for i := range 2 {
			if i > 0 {
				must(t, w.dev.JoinGroup(u, group, ""))
				must(t, w.dev.LeaveGroup(u, group, ""))
			}
			if _, err := w.dev.SendTo(u, []byte("all"), 0, netip.AddrPortFrom(netip.MustParseAddr("255.255.255.255"), addr.Port()), soon()); err != nil {
				t.Fatal(err)
			}
			c.SetDeadline(soon())
			if _, _, err := c.ReadFrom(make([]byte, 10)); err != nil {
				t.Errorf("broadcast %d: %v", i, err)
			}
		}
	})
}

// A socket that could not be bound again would hear nothing, and not say so.
func TestASocketThatLosesItsPortWithItsGroupIsDown(t *testing.T) {
	inTime(t, "2.0.0", func(t *testing.T, w *world) {
		u := w.socket(netdev.SOCK_DGRAM)
		must(t, w.dev.Bind(u, anyPort))
		must(t, w.dev.JoinGroup(u, group, ""))
		r := reader{reply: true}
		w.chip.Inject(nil, func(_ int64, b byte) []byte {
			if c, p := r.next(b); c == 0x73 && p == tail {
				b ^= 0x40
			}
			return []byte{b}
		})
		want(t, "LeaveGroup", w.dev.LeaveGroup(u, group, ""), netdev.ErrNetDown)
		w.chip.Inject(nil, nil)
		_, _, err := w.dev.RecvFrom(u, make([]byte, 1), 0, soon())
		want(t, "RecvFrom", err, netdev.ErrNetDown)
	})
}
