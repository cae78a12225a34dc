package stack_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack"
	"github.com/netdev-go/netdev/wire/arp"
	"github.com/netdev-go/netdev/wire/ethernet"
)

// A gated device keeps the frame that it is given until it may go.
type gated struct {
	card
	shut    bool
	entered chan struct{}
	open    chan struct{}
	arps    int
}

func (g *gated) SendOffsetEthFrame(frame []byte) error {
	if g.shut {
		g.shut = false
		g.entered <- struct{}{}
		<-g.open
	}
	if f, err := ethernet.Parse(frame); err == nil && f.Type() == ethernet.TypeARP {
		g.arps++
	}
	return g.card.SendOffsetEthFrame(frame)
}

var everybody = at(netip.MustParseAddr("255.255.255.255"), 9)

// full returns a stack whose ring is full, behind a device that is busy. The
// function lets the device go on, and returns when all is sent.
func full(t *testing.T, c stack.Config) (*stack.Stack, *gated, func()) {
	t.Helper()
	dev := &gated{entered: make(chan struct{}), open: make(chan struct{})}
	c.Address, c.Ring = netip.PrefixFrom(addrA, 24), 4
	s := newStack(t, dev, c)
	must(t, s.NetConnect(nil))
	fd := open(t, s, netdev.SOCK_DGRAM)
	dev.shut = true
	sent := make(chan error, 1)
	go func() {
		_, err := s.SendTo(fd, []byte("x"), 0, everybody, never)
		sent <- err
	}()
	<-dev.entered
	for range 3 {
		if _, err := s.SendTo(fd, []byte("x"), netdev.MSG_DONTWAIT, everybody, never); err != nil {
			t.Fatal(err)
		}
	}
	return s, dev, func() {
		dev.open <- struct{}{}
		must(t, <-sent)
	}
}

func TestWhatIsDueWaitsForTheRingWithoutATimer(t *testing.T) {
	clock := &handClock{now: time.Unix(1, 0)}
	s, dev, flow := full(t, stack.Config{Clock: clock})
	before := dev.arps
	clock.pass(3 * time.Second) // the second announcement of the address is due
	if restless(clock) {
		t.Error("a full ring does not let the stack rest")
	}
	flow()
	for range 3 {
		clock.pass(0)
	}
	if _, err := s.Addr(); err != nil || dev.arps != before+1 {
		t.Errorf("%d announcements after the ring was full, %v", dev.arps-before, err)
	}
}

func TestRoomInTheRingIsAnnouncedToWhoOnlyLooked(t *testing.T) {
	s, _, flow := full(t, stack.Config{})
	fd, _ := bound(t, s, anywhere)
	must(t, s.SetNonblock(fd, true))
	announced := make(chan struct{}, 1)
	must(t, s.PollNotify(fd, func() {
		select {
		case announced <- struct{}{}:
		default:
		}
	}))
	if ev, err := s.Poll(fd); ev != 0 || err != nil {
		t.Fatalf("Poll = %#x, %v, with a full ring", ev, err)
	}
	flow()
	select {
	case <-announced:
	default:
		t.Error("room is not announced")
	}
	if ev, err := s.Poll(fd); ev != netdev.PollOut || err != nil {
		t.Errorf("Poll = %#x, %v", ev, err)
	}
}

// However short the ring, TCP leaves room in it for what cannot wait.
func TestTCPDoesNotFillTheRing(t *testing.T) {
	for _, ring := range []int{2, 3, 4, 16} {
		dev := &gated{entered: make(chan struct{}), open: make(chan struct{})}
		s := newStack(t, dev, stack.Config{Address: netip.PrefixFrom(addrA, 24), Ring: ring})
		must(t, s.NetConnect(nil))
		fa, fb := connected(t, s, s)
		fd := open(t, s, netdev.SOCK_DGRAM)
		dev.shut = true
		sent := make(chan error, 1)
		go func() {
			_, err := s.SendTo(fd, []byte("x"), 0, everybody, never)
			sent <- err
		}()
		<-dev.entered
		// The way to ourselves is through the ring too.
		if _, err := s.Send(fa, make([]byte, 100_000), 0, soon()); err != nil {
			t.Fatal(err)
		}
		before, ask := dev.arps, arp.Request(peerMAC, addrB, addrA)
		b := make([]byte, arp.Len)
		ask.Emit(b)
		dev.handler(frameOf(ethernet.TypeARP, b))
		dev.open <- struct{}{}
		must(t, <-sent)
		must(t, s.Shutdown(fa, netdev.SHUT_WR))
		if got, err := readAll(s, fb); len(got) != 100_000 || err != nil {
			t.Errorf("%d bytes, %v", len(got), err)
		}
		if dev.arps != before+1 {
			t.Errorf("%d answers to who we are, in a ring of %d", dev.arps-before, ring)
		}
	}
}

// A datagram that Send does not take is not heard either, or it is heard twice.
func TestAGroupHearsADatagramOnce(t *testing.T) {
	for used := range 4 {
		dev := &gated{entered: make(chan struct{}), open: make(chan struct{})}
		s := newStack(t, dev, stack.Config{Address: netip.PrefixFrom(addrA, 24), Ring: 4})
		must(t, s.NetConnect(nil))
		fd, name := bound(t, s, anywhere)
		must(t, s.JoinGroup(fd, group, ""))
		dev.shut = true
		over := make(chan error, 1)
		go func() {
			_, err := s.SendTo(open(t, s, netdev.SOCK_DGRAM), []byte("x"), 0, everybody, never)
			over <- err
		}()
		<-dev.entered
		for range used {
			sendTo(t, s, fd, "x", everybody)
		}
		_, err := s.SendTo(fd, []byte("once"), netdev.MSG_DONTWAIT, at(group, name.Port()), never)
		dev.open <- struct{}{}
		must(t, <-over)
		if (err == netdev.ErrWouldBlock) != (used == 3) || err != nil && err != netdev.ErrWouldBlock {
			t.Errorf("SendTo with room for %d: %v", 3-used, err)
		}
		if err != nil {
			sendTo(t, s, fd, "once", at(group, name.Port()))
		}
		heard := 0
		for {
			if _, err := s.Recv(fd, nil, netdev.MSG_DONTWAIT, never); err != nil {
				break
			}
			heard++
		}
		if heard > 1 || heard == 0 && used != 2 { // there it was room or a copy
			t.Errorf("heard %d times, there having been room for %d", heard, 3-used)
		}
	}
}

// What comes in is announced while a device takes its time with what goes out.
func TestABusyDeviceKeepsNobodyFromHearing(t *testing.T) {
	s, dev, flow := full(t, stack.Config{})
	fd, name := bound(t, s, anywhere)
	announced := make(chan struct{}, 1)
	must(t, s.PollNotify(fd, func() {
		select {
		case announced <- struct{}{}:
		default:
		}
	}))
	dev.handler(datagramTo(addrB, addrA, name.Port(), "x"))
	select {
	case <-announced:
	default:
		t.Error("a datagram is not announced")
	}
	if got, _ := recv(t, s, fd); got != "x" {
		t.Errorf("%q", got)
	}
	flow()
}
