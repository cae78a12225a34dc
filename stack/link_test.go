package stack_test

import (
	"net"
	"net/netip"
	"testing"
	"testing/synctest"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
)

// A radio is a card with a link layer of its own.
type radio struct {
	*ether.Device
	ssid   string
	notify func(netlink.Event)
	fail   error
	left   int
}

func (r *radio) NetConnect(p *netlink.ConnectParams) error {
	r.ssid = p.Ssid
	return r.fail
}
func (r *radio) NetDisconnect()                                 { r.left++ }
func (r *radio) NetNotify(f func(netlink.Event))                { r.notify = f }
func (r *radio) GetHardwareAddr() (h net.HardwareAddr, e error) { return h, e }

func TestADeviceWithALinkOfItsOwnConnectsFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dev, _ := cable(t)
		r := &radio{Device: dev, fail: netlink.ErrAuthFailure}
		s := newStack(t, r, stack.Config{Address: netip.PrefixFrom(addrA, 24)})
		events := make(chan netlink.Event, 8)
		s.NetNotify(func(e netlink.Event) {
			s.Addr() // may be called
			events <- e
		})
		if err := s.NetConnect(&netlink.ConnectParams{Ssid: "net"}); err != netlink.ErrAuthFailure || r.ssid != "net" {
			t.Fatalf("NetConnect = %v, to %q", err, r.ssid)
		}
		r.fail = nil
		must(t, s.NetConnect(&netlink.ConnectParams{Ssid: "net"}))
		if e := <-events; e != netlink.EventNetUp {
			t.Fatal(e)
		}
		fd, _ := bound(t, s, anywhere)
		lo, _ := bound(t, s, home)
		lfd, _ := listen(t, s, anywhere, 1)
		accepted := make(chan error, 1)
		go func() {
			_, _, err := s.Accept(lfd)
			accepted <- err
		}()
		pinged := make(chan error, 1)
		go func() {
			_, err := s.Ping(t.Context(), addrB, nil)
			pinged <- err
		}()
		synctest.Wait()
		r.notify(netlink.EventNetDown)
		for what, c := range map[string]chan error{"Accept": accepted, "Ping": pinged} {
			if err := <-c; err != netdev.ErrNetDown {
				t.Errorf("%s = %v when the link was lost", what, err)
			}
		}
		if e := <-events; e != netlink.EventNetDown {
			t.Fatal(e)
		}
		if _, err := s.Poll(fd); err != netdev.ErrNetDown {
			t.Errorf("Poll = %v", err)
		}
		if _, err := s.Poll(lo); err != nil {
			t.Errorf("Poll of a socket of the loopback interface: %v", err)
		}
		if _, err := s.Addr(); err != netdev.ErrNetDown {
			t.Errorf("Addr = %v", err)
		}
		r.notify(netlink.EventNetUp)
		if e := <-events; e != netlink.EventNetUp {
			t.Fatal(e)
		}
		if _, err := s.Addr(); err != nil {
			t.Error(err)
		}
		left := r.left
		s.NetDisconnect()
		if r.left != left+1 {
			t.Error("the device was not disconnected")
		}
	})
}

// A mute device has no goroutine of its own.
type mute struct {
	*ether.Device
	handler func([]byte)
}

func (m *mute) SetEthRecvHandler(h func([]byte)) { m.handler = h }

func (m *mute) EthPoll([]byte) (off, n int, err error) {
	var buf [2048]byte
	for {
		off, n, err := m.Device.EthPoll(buf[:])
		if n == 0 || err != nil {
			return 0, 0, err
		}
		m.handler(buf[off : off+n])
	}
}

func TestADeviceWithoutAGoroutineIsPumped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		da, db := cable(t)
		a := newStack(t, &mute{Device: da}, stack.Config{Address: netip.PrefixFrom(addrA, 24), Poll: 5e6})
		b := newStack(t, db, stack.Config{Address: netip.PrefixFrom(addrB, 24)})
		must(t, a.NetConnect(nil))
		must(t, b.NetConnect(nil))
		if rtt, err := b.Ping(t.Context(), addrA, nil); err != nil || rtt > 20e6 {
			t.Errorf("Ping = %v, %v", rtt, err)
		}
	})
}
