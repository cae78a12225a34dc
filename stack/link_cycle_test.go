package stack_test

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/stack"
)

// A timer that goes off at once, for what cannot be done before something else
// happens, goes off again and again.
func restless(c *handClock) bool {
	for range 10 {
		c.pass(0)
	}
	for _, t := range c.timers {
		if !t.at.IsZero() && !t.at.After(c.now) {
			return true
		}
	}
	return false
}

func TestGroupsWaitForTheLinkWithoutATimer(t *testing.T) {
	clock := &handClock{now: time.Unix(1, 0)}
	s := newStack(t, &card{}, stack.Config{Clock: clock, Address: netip.PrefixFrom(addrA, 24)})
	fd := open(t, s, netdev.SOCK_DGRAM)
	must(t, s.JoinGroup(fd, group, ""))
	if restless(clock) {
		t.Error("a group that was joined before the link came up does not let the stack rest")
	}
	must(t, s.NetConnect(nil))
	if restless(clock) {
		t.Error("neither with a link")
	}
	s.NetDisconnect()
	clock.pass(time.Minute)
	if restless(clock) {
		t.Error("the group that was left with the link does not let the stack rest")
	}
}

func TestAddressesAreProbedAnewAfterAnAttemptThatWasBrokenOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _, _ := leased(t, stack.Config{})
		// Wherever the attempt is broken off.
		for after := 50 * time.Millisecond; after < 500*time.Millisecond; after += 50 * time.Millisecond {
			time.AfterFunc(after, s.NetDisconnect)
			s.NetConnect(nil)
			time.Sleep(time.Second)
			s.NetDisconnect()
			time.Sleep(time.Second)
		}
		must(t, s.NetConnect(&netlink.ConnectParams{Retries: 1}))
	})
}

// An eager radio tells of its link before NetConnect has returned.
type eager struct{ radio }

func (e *eager) NetConnect(*netlink.ConnectParams) error {
	e.notify(netlink.EventNetUp)
	return nil
}

func TestALinkThatComesUpIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dev, _ := cable(t)
		r := &eager{radio{Device: dev}}
		s := newStack(t, r, stack.Config{Address: netip.PrefixFrom(addrA, 24)})
		events := make(chan netlink.Event, 8)
		s.NetNotify(func(e netlink.Event) { events <- e })
		must(t, s.NetConnect(nil))
		synctest.Wait()
		if n := len(events); n != 1 || <-events != netlink.EventNetUp {
			t.Errorf("told %d times", n)
		}
	})
}

func TestGroupsOfTheLoopbackInterfaceNeedNoNetwork(t *testing.T) {
	dev, _ := cable(t)
	s := newStack(t, dev, stack.Config{})
	fd, name := bound(t, s, anywhere)
	must(t, s.JoinGroup(fd, group, "lo"))
	sendTo(t, s, fd, "self", at(group, name.Port()))
	if got, _ := recv(t, s, fd); got != "self" {
		t.Errorf("%q", got)
	}
}
