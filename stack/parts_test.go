package stack_test

import (
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/stack"
)

// ofParts is pair, of which a has only some parts.
func ofParts(t *testing.T, parts ...stack.Part) (a, b *stack.Stack) {
	t.Helper()
	da, db := cable(t)
	a, err := stack.NewWith(da, stack.Config{Address: netip.PrefixFrom(addrA, 24)}, parts...)
	must(t, err)
	t.Cleanup(func() { must(t, a.Stop()) })
	b = newStack(t, db, stack.Config{Address: netip.PrefixFrom(addrB, 24)})
	must(t, a.NetConnect(nil))
	must(t, b.NetConnect(nil))
	return a, b
}

func TestAStackWithoutPartsHasDatagrams(t *testing.T) {
	a, b := ofParts(t)
	fa, _ := bound(t, a, addrA)
	fb, name := bound(t, b, addrB)
	sendTo(t, a, fa, "ping", name)
	got, from := recv(t, b, fb)
	if got != "ping" {
		t.Fatalf("%q", got)
	}
	sendTo(t, b, fb, "pong", from)
	if got, _ := recv(t, a, fa); got != "pong" {
		t.Fatalf("%q", got)
	}
	if n := a.Counters().UDP.InDatagrams; n != 1 {
		t.Errorf("%d datagrams counted, want 1", n)
	}
}

func TestWhatAStackHasNoPartForIsNotSupported(t *testing.T) {
	a, _ := ofParts(t)
	fd, _ := bound(t, a, anywhere)
	for name, c := range map[string]struct {
		call func() error
		want error
	}{
		"a stream": {func() error {
			_, err := a.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
			return err
		}, netdev.ErrProtocolNotSupported},
		"a listener on everything": {func() error {
			_, err := a.ListenAny(1)
			return err
		}, netdev.ErrProtocolNotSupported},
		"a name": {func() error {
			_, err := a.GetHostByName("host.example")
			return err
		}, netdev.ErrNotSupported},
		"a peer's name": {func() error {
			return a.Connect(fd, "host.example", netip.AddrPortFrom(netip.Addr{}, 7))
		}, netdev.ErrNotSupported},
		"a group": {func() error {
			return a.JoinGroup(fd, netip.AddrFrom4([4]byte{224, 0, 0, 251}), "")
		}, netdev.ErrNotSupported},
		"the group of all hosts": {func() error {
			return a.JoinGroup(fd, netip.AddrFrom4([4]byte{224, 0, 0, 1}), "")
		}, nil},
	} {
		if err := c.call(); err != c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// A segment for a stack without TCP is as any other protocol that nobody takes.
func TestWithoutTCPASynIsAnsweredByICMP(t *testing.T) {
	a, b := ofParts(t)
	fd := open(t, b, netdev.SOCK_STREAM)
	if err := b.Connect(fd, "", at(addrA, 80)); err != netdev.ErrProtocolNotSupported {
		t.Errorf("Connect: %v, want %v", err, netdev.ErrProtocolNotSupported)
	}
	if n := a.Counters().IP.InUnknownProtos; n == 0 {
		t.Error("the segment was not counted")
	}
}

func TestAStackWithTCPAloneConnects(t *testing.T) {
	a, b := ofParts(t, stack.TCP)
	fa, fb := connected(t, a, b)
	if _, err := a.Send(fa, []byte("hello"), 0, soon()); err != nil {
		t.Fatal(err)
	}
	if got, _ := recv(t, b, fb); got != "hello" {
		t.Errorf("%q", got)
	}
}

func TestWithoutDHCPThereMustBeAnAddress(t *testing.T) {
	dev, _ := cable(t)
	s, err := stack.NewWith(dev, stack.Config{}, stack.TCP)
	must(t, err)
	t.Cleanup(func() { must(t, s.Stop()) })
	if err := s.NetConnect(nil); err != netlink.ErrNotSupported {
		t.Errorf("NetConnect: %v, want %v", err, netlink.ErrNotSupported)
	}
	must(t, s.Configure(netip.PrefixFrom(addrA, 24), netip.Addr{}, nil))
	must(t, s.NetConnect(nil))
}

func TestAPartThatIsNoneIsInvalid(t *testing.T) {
	dev, _ := cable(t)
	if _, err := stack.NewWith(dev, stack.Config{}, stack.TCP, stack.Part{}); err != netdev.ErrInvalid {
		t.Errorf("%v, want %v", err, netdev.ErrInvalid)
	}
}
