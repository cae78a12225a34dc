package kernel

import (
	"context"
	"errors"
	stdnet "net"
	"net/netip"
	"slices"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/sys/unix"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
	"github.com/netdev-go/netdev/wire/igmp"
)

var group = netip.MustParseAddr("239.1.2.3")

// A router is a raw socket of the kernel's that hears what hosts tell of groups.
type router struct{ *ipv4.RawConn }

func (l *line) router(t *testing.T) router {
	t.Helper()
	c, err := stdnet.ListenPacket("ip4:igmp", "0.0.0.0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	r, err := ipv4.NewRawConn(c)
	if err != nil {
		t.Fatal(err)
	}
	i, err := stdnet.InterfaceByName(l.name)
	if err != nil {
		t.Fatal(err)
	}
	// The kernel, which is in the group too, must not answer instead of the stack.
	err = errors.Join(r.SetMulticastInterface(i), r.SetMulticastLoopback(false))
	for _, to := range []netip.Addr{group, netip.MustParseAddr("224.0.0.2"), netip.MustParseAddr("224.0.0.22")} {
		err = errors.Join(err, r.JoinGroup(i, &stdnet.IPAddr{IP: to.AsSlice()}))
	}
	if err != nil {
		t.Fatal(err)
	}
	r.SetDeadline(time.Now().Add(20 * time.Second))
	return router{r}
}

// hears waits until the stack has told that.
func (r router) hears(t *testing.T, l *line, what string, fits func(*ipv4.Header, igmp.Message) bool) {
	t.Helper()
	for {
		h, b, _, err := r.ReadFrom(make([]byte, 1500))
		if err != nil {
			t.Fatalf("no %s: %v", what, err)
		}
		m, err := igmp.Parse(b)
		if from, _ := netip.AddrFromSlice(h.Src.To4()); from != l.board {
			continue
		}
		if err != nil || !m.ChecksumOK() || h.TTL != 1 {
			t.Errorf("TTL %d, IGMP %x: %v", h.TTL, b, err)
		}
		if fits(h, m) {
			return
		}
	}
}

// ask sends a query about all groups, to be answered within 100 ms.
func (r router) ask(t *testing.T, l *line, b []byte) {
	t.Helper()
	all := stdnet.IPv4(224, 0, 0, 1)
	h := &ipv4.Header{Version: 4, Len: 24, TotalLen: 24 + len(b), TOS: 0xc0, TTL: 1, Protocol: igmp.Protocol,
		Src: l.kernel.AsSlice(), Dst: all, Options: []byte{0x94, 4, 0, 0}}
	if err := r.WriteTo(h, b, nil); err != nil {
		t.Fatal(err)
	}
}

// reports tells what a version 3 report says about the group.
func reports(m igmp.Message, types ...igmp.RecordType) bool {
	if m.Type() != igmp.TypeV3Report {
		return false
	}
	for r := m.Records(); r.Next(); {
		if r.Record().Group() == group && slices.Contains(types, r.Record().Type()) && r.Record().Sources().Len() == 0 {
			return true
		}
	}
	return false
}

func TestARouterHearsOfTheStacksGroups(t *testing.T) {
	t.Parallel()
	l := plug(t, stack.Config{}, ether.Impairment{})
	r := l.router(t)
	fd, err := l.stack.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer l.stack.Close(fd)
	if err := l.stack.JoinGroup(fd, group, ""); err != nil {
		t.Fatal(err)
	}
	r.hears(t, l, "word of the group that was joined", func(h *ipv4.Header, m igmp.Message) bool {
		return reports(m, igmp.ChangeToExclude)
	})
	v3 := igmp.Query{MaxRespTime: 1, Robustness: 2, Interval: 125}
	b := make([]byte, v3.Len())
	v3.Emit(b)
	r.ask(t, l, b)
	r.hears(t, l, "answer to a query of version 3", func(h *ipv4.Header, m igmp.Message) bool {
		return reports(m, igmp.ModeIsExclude)
	})
	if err := l.stack.LeaveGroup(fd, group, ""); err != nil {
		t.Fatal(err)
	}
	r.hears(t, l, "word of the group that was left", func(h *ipv4.Header, m igmp.Message) bool {
		return reports(m, igmp.ChangeToInclude)
	})

	// A router of version 2 is spoken to in its version from then on.
	v2 := igmp.Header{Type: igmp.TypeQuery, MaxRespTime: 1, Group: netip.IPv4Unspecified()}
	b = make([]byte, v2.Len())
	v2.Emit(b)
	sum := uint16(b[0])<<8 + uint16(b[1])
	b[2], b[3] = byte(^sum>>8), byte(^sum)
	if err := l.stack.JoinGroup(fd, group, ""); err != nil {
		t.Fatal(err)
	}
	r.ask(t, l, b)
	r.hears(t, l, "answer to a query of version 2", func(h *ipv4.Header, m igmp.Message) bool {
		to, _ := netip.AddrFromSlice(h.Dst.To4())
		return m.Type() == igmp.TypeV2Report && m.Group() == group && to == group
	})
	if err := l.stack.LeaveGroup(fd, group, ""); err != nil {
		t.Fatal(err)
	}
	r.hears(t, l, "leave message", func(h *ipv4.Header, m igmp.Message) bool {
		return m.Type() == igmp.TypeLeave && m.Group() == group
	})
}

func TestGroupsReachBothSides(t *testing.T) {
	l := plug(t, stack.Config{}, ether.Impairment{})
	i, err := stdnet.InterfaceByName(l.name)
	if err != nil {
		t.Fatal(err)
	}
	ear, err := stdnet.ListenMulticastUDP("udp4", i, &stdnet.UDPAddr{IP: group.AsSlice(), Port: 4712})
	if err != nil {
		t.Fatal(err)
	}
	defer ear.Close()
	fd, err := l.stack.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer l.stack.Close(fd)
	if err := errors.Join(
		l.stack.Bind(fd, netip.AddrPortFrom(netip.IPv4Unspecified(), 4712)),
		l.stack.JoinGroup(fd, group, ""),
		l.stack.SetSockOpt(fd, netdev.IPPROTO_IP, netdev.IP_MULTICAST_LOOP, false),
	); err != nil {
		t.Fatal(err)
	}
	late := time.Now().Add(20 * time.Second)
	ear.SetDeadline(late)
	buf := make([]byte, 3000)

	if _, err := l.stack.SendTo(fd, []byte("from the stack"), 0, netip.AddrPortFrom(group, 4712), late); err != nil {
		t.Fatal(err)
	}
	n, from, err := ear.ReadFromUDPAddrPort(buf)
	if err != nil || string(buf[:n]) != "from the stack" || from.Addr().Unmap() != l.board {
		t.Errorf("the kernel has %q of %v, %v", buf[:n], from, err)
	}

	// Fragments of the kernel's are put together, and its own copy is not sent us.
	out, err := stdnet.ListenUDP("udp4", &stdnet.UDPAddr{IP: l.kernel.AsSlice()})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := ipv4.NewPacketConn(out).SetMulticastInterface(i); err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{10, 2500} {
		if _, err := out.WriteTo(make([]byte, size), &stdnet.UDPAddr{IP: group.AsSlice(), Port: 4712}); err != nil {
			t.Fatal(err)
		}
		n, from, err := l.stack.RecvFrom(fd, buf, 0, late)
		if err != nil || n != size || from.Addr() != l.kernel {
			t.Errorf("the stack has %d bytes of %v, %v; want %d", n, from, err, size)
		}
	}
}

func TestBroadcastReachesBothSides(t *testing.T) {
	l := plug(t, stack.Config{}, ether.Impairment{})
	ear, err := stdnet.ListenPacket("udp4", ":4711")
	if err != nil {
		t.Fatal(err)
	}
	defer ear.Close()
	board, err := l.listenPacket(4711)
	if err != nil {
		t.Fatal(err)
	}
	defer board.Close()
	config := stdnet.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		return errors.Join(setInt(c, unix.SOL_SOCKET, unix.SO_BROADCAST, 1), toDevice(c, l.name))
	}}
	out, err := config.ListenPacket(context.Background(), "udp4", at(l.kernel, 0))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	buf := make([]byte, 100)
	for _, to := range []string{"255.255.255.255:4711", at(l.host(255), 4711)} {
		c, err := l.dial("udp4", to)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := c.Write([]byte(to)); err != nil {
			t.Errorf("%s: %v", to, err)
			continue
		}
		ear.SetDeadline(time.Now().Add(10 * time.Second))
		board.SetDeadline(time.Now().Add(10 * time.Second))
		for name, side := range map[string]stdnet.PacketConn{"the kernel": ear, "the stack itself": board} {
			if n, _, err := side.ReadFrom(buf); err != nil || string(buf[:n]) != to {
				t.Errorf("%s has %q, %v", name, buf[:n], err)
			}
		}
		addr, err := stdnet.ResolveUDPAddr("udp4", to)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := out.WriteTo([]byte("kernel's"), addr); err != nil {
			t.Errorf("%s: %v", to, err)
			continue
		}
		if n, _, err := board.ReadFrom(buf); err != nil || string(buf[:n]) != "kernel's" {
			t.Errorf("the stack has %q, %v", buf[:n], err)
		}
		if _, _, err := ear.ReadFrom(buf); err != nil { // it hears its own
			t.Error(err)
		}
	}
}

// toDevice has a socket of the kernel's use one interface alone.
func toDevice(c syscall.RawConn, name string) (err error) {
	return errors.Join(c.Control(func(fd uintptr) { err = unix.BindToDevice(int(fd), name) }), err)
}
