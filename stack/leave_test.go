package stack_test

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
)

func TestALeaseIsGivenBackThoughNothingElseWasSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d, _ := leased(t, stack.Config{})
		must(t, s.NetConnect(nil))
		s.NetDisconnect()
		synctest.Wait()
		sameMessages(t, d.messages(), dhcpv4.MessageTypeDiscover, dhcpv4.MessageTypeRequest, dhcpv4.MessageTypeRelease)
	})
}

// A patient radio takes its time to connect.
type patient struct {
	radio
	begun, over chan struct{}
	connected   bool
}

func (p *patient) NetConnect(*netlink.ConnectParams) error {
	close(p.begun)
	<-p.over
	p.connected = true
	return nil
}

func (p *patient) NetDisconnect() { p.connected = false }

func TestADeviceThatConnectsTooLateIsDisconnected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dev, _ := cable(t)
		r := &patient{radio: radio{Device: dev}, begun: make(chan struct{}), over: make(chan struct{})}
		s := newStack(t, r, stack.Config{Address: netip.PrefixFrom(addrA, 24)})
		outcome := make(chan error, 1)
		go func() { outcome <- s.NetConnect(nil) }()
		<-r.begun
		s.NetDisconnect()
		close(r.over)
		if err := <-outcome; err != netlink.ErrConnectFailed {
			t.Errorf("NetConnect = %v", err)
		}
		if r.connected {
			t.Error("the device is connected")
		}
		if _, err := s.Addr(); err == nil {
			t.Error("so is the stack")
		}
	})
}

func TestAnAttemptThatWasBrokenOffDoesNotTakePartInTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d, _ := leased(t, stack.Config{})
		d.mu.Lock()
		d.mute = true
		d.mu.Unlock()
		for range 20 {
			first := make(chan error, 1)
			go func() { first <- s.NetConnect(nil) }()
			synctest.Wait()
			s.NetDisconnect()
			time.AfterFunc(time.Second, func() {
				d.mu.Lock()
				d.mute = false
				d.mu.Unlock()
			})
			start := time.Now()
			go func() {
				synctest.Wait()
				if len(first) != 1 || <-first != netlink.ErrConnectFailed {
					t.Error("the attempt that was broken off goes on")
				}
			}()
			must(t, s.NetConnect(nil))
			if took := time.Since(start); took > 9*time.Second {
				t.Errorf("the next took %v", took)
			}
			s.NetDisconnect()
			d.mu.Lock()
			d.mute = true
			d.mu.Unlock()
		}
	})
}

// A small board's one full frame is enough for a reset of each connection and the word
// to the server, one after the other.
func TestASmallBoardThatLeavesTellsAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, static := range []bool{false, true} {
			c := stack.SmallBoard()
			if static {
				c.Address = netip.PrefixFrom(addrA, 24)
			}
			s, d, sw := leased(t, c)
			dev, err := sw.Open(ether.Config{})
			must(t, err)
			p := newStack(t, dev, stack.Config{Address: netip.PrefixFrom(netip.MustParseAddr("10.0.0.77"), 24)})
			must(t, p.NetConnect(nil))
			must(t, s.NetConnect(nil))
			var ends []int
			for range c.Connections {
				_, fd := connected(t, s, p)
				ends = append(ends, fd)
			}
			s.NetDisconnect()
			synctest.Wait()
			for i, fd := range ends {
				if _, err := p.Recv(fd, make([]byte, 1), netdev.MSG_DONTWAIT, never); err != netdev.ErrConnReset {
					t.Errorf("static %v: the peer of connection %d has %v", static, i, err)
				}
			}
			if !static {
				sameMessages(t, d.messages(), dhcpv4.MessageTypeDiscover, dhcpv4.MessageTypeRequest, dhcpv4.MessageTypeRelease)
			}
		}
	})
}
