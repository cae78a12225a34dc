package stack_test

import (
	"bytes"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
)

// A direct device hands each frame to the stack at the other end within the call
// that sends it, and asks its own stack something meanwhile.
type direct struct {
	card
	mac  [6]byte
	peer *direct
	own  *stack.Stack
}

func (d *direct) HardwareAddr6() ([6]byte, error) { return d.mac, nil }

func (d *direct) SendOffsetEthFrame(frame []byte) error {
	if _, err := d.own.Sockets(); err != nil {
		return err
	}
	d.peer.handler(frame)
	return nil
}

func TestADeviceMayDeliverInTheCallThatSends(t *testing.T) {
	da, db := &direct{mac: cardMAC}, &direct{mac: peerMAC}
	da.peer, db.peer = db, da
	a := newStack(t, da, stack.Config{Address: netip.PrefixFrom(addrA, 24)})
	b := newStack(t, db, stack.Config{Address: netip.PrefixFrom(addrB, 24)})
	da.own, db.own = a, b
	must(t, a.NetConnect(nil))
	must(t, b.NetConnect(nil))
	fa, fb := connected(t, a, b)
	data := bytes.Repeat([]byte("round and round "), 1<<15)
	go func() {
		a.Send(fa, data, 0, soon())
		a.Shutdown(fa, netdev.SHUT_WR)
	}()
	if got, err := readAll(b, fb); err != nil || !bytes.Equal(got, data) {
		t.Errorf("%d of %d bytes arrived, %v", len(got), len(data), err)
	}
}

// A slow device keeps each frame until it is let go.
type slow struct {
	*ether.Device
	gate    sync.Mutex
	entered chan struct{} // has room for one
}

func (d *slow) SendOffsetEthFrame(frame []byte) error {
	select {
	case d.entered <- struct{}{}:
	default:
	}
	d.gate.Lock()
	defer d.gate.Unlock()
	return d.Device.SendOffsetEthFrame(frame)
}

func TestAFullRingIsSaidAndItsRoomAnnounced(t *testing.T) {
	da, db := cable(t)
	dev := &slow{Device: da, entered: make(chan struct{}, 1)}
	s := newStack(t, dev, stack.Config{Address: netip.PrefixFrom(addrA, 24), Ring: 8})
	p := newStack(t, db, stack.Config{Address: netip.PrefixFrom(addrB, 24)})
	must(t, s.NetConnect(nil))
	must(t, p.NetConnect(nil))
	_, err := s.Ping(t.Context(), addrB, nil) // so that the address is known
	must(t, err)
	fd, _ := bound(t, s, anywhere)
	must(t, s.SetNonblock(fd, true))
	announced := make(chan struct{}, 1)
	must(t, s.PollNotify(fd, func() {
		select {
		case announced <- struct{}{}:
		default:
		}
	}))
	dev.gate.Lock()
	<-dev.entered // of what was before
	stuck := make(chan error, 1)
	go func() {
		other, err := s.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)
		if err == nil {
			_, err = s.SendTo(other, []byte("x"), 0, at(addrB, 9), never)
		}
		stuck <- err
	}()
	<-dev.entered
	// All that follows works while that call is within the device.
	sent := 0
	for err == nil {
		if _, err = s.SendTo(fd, []byte("x"), 0, at(addrB, 9), never); err == nil {
			sent++
		}
		if sent > 8 {
			t.Fatal("a ring of 8 takes more")
		}
	}
	if err != netdev.ErrWouldBlock {
		t.Fatalf("SendTo = %v", err)
	}
	if ev, err := s.Poll(fd); ev != 0 || err != nil {
		t.Errorf("Poll = %#x, %v", ev, err)
	}
	if _, err := s.SendTo(fd, make([]byte, 20000), 0, at(addrB, 9), never); err != netdev.ErrMessageTooLong {
		t.Errorf("what is longer than the ring: %v", err)
	}
	must(t, s.SetNonblock(fd, false))
	if _, err := s.SendTo(fd, []byte("x"), 0, at(addrB, 9), time.Now().Add(20*time.Millisecond)); err != netdev.ErrTimeout {
		t.Errorf("SendTo with a deadline: %v", err)
	}
	dev.gate.Unlock()
	must(t, <-stuck)
	<-announced
	if ev, err := s.Poll(fd); ev != netdev.PollOut || err != nil {
		t.Errorf("Poll = %#x, %v", ev, err)
	}
	if _, err := s.SendTo(fd, []byte("x"), 0, at(addrB, 9), soon()); err != nil {
		t.Error(err)
	}
}

// Frames of others are none of our business, and nonsense is counted.
func TestFramesAreCountedByWhatTheyAre(t *testing.T) {
	g := newTarget(t)
	all := frames(g)
	before := g.Counters()
	for _, c := range []struct {
		what  string
		frame []byte
		count func(c *stack.Counters) *uint
	}{
		{"short", all[0][:10], func(c *stack.Counters) *uint { return &c.Interface.InErrors }},
		{"for another", with(all[6], 0, 4), func(c *stack.Counters) *uint { return &c.Interface.InDiscards }},
		{"IPv6", with(with(all[6], 12, 0x86), 13, 0xdd), func(c *stack.Counters) *uint { return &c.Interface.InUnknownProtos }},
		{"wrong header checksum", with(all[6], 24, 1), func(c *stack.Counters) *uint { return &c.IP.InHdrErrors }},
		{"wrong UDP checksum", with(all[6], 44, 1), func(c *stack.Counters) *uint { return &c.UDP.InCsumErrors }},
		{"wrong ICMP checksum", with(all[9], 43, 1), func(c *stack.Counters) *uint { return &c.ICMP.InErrors }},
		{"wrong TCP checksum", with(all[2], 50, 77), func(c *stack.Counters) *uint { return &c.TCP.InCsumErrors }},
	} {
		g.card.handler(c.frame)
		after := g.Counters()
		if *c.count(&after) != *c.count(&before)+1 {
			t.Errorf("%s: counted %d times", c.what, *c.count(&after)-*c.count(&before))
		}
		before = after
	}
	must(t, g.Stop())
}

// with returns a copy of b in which byte i is another.
func with(b []byte, i int, v byte) []byte {
	b = bytes.Clone(b)
	b[i] = v
	return b
}

func TestStopEndsWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dev, _ := cable(t)
		s, err := stack.New(dev, stack.Config{})
		must(t, err)
		fd, _ := bound(t, s, home)
		ended := make(chan error, 2)
		go func() {
			_, err := s.Recv(fd, nil, 0, never)
			ended <- err
		}()
		go func() { ended <- s.NetConnect(nil) }()
		synctest.Wait()
		must(t, s.Stop())
		for range 2 {
			if err := <-ended; err == nil {
				t.Error("a call that waits ended without an error")
			}
		}
		must(t, s.Stop())
		if _, err := s.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0); err != netdev.ErrNetDown {
			t.Errorf("Socket after Stop: %v", err)
		}
		if err := s.NetConnect(nil); err == nil {
			t.Error("NetConnect after Stop")
		}
	})
}

func TestAConfigThatCannotBeIsRefused(t *testing.T) {
	dev, _ := cable(t)
	for what, c := range map[string]stack.Config{
		"IPv6":            {Address: netip.MustParsePrefix("2001:db8::1/64")},
		"loopback":        {Address: netip.MustParsePrefix("127.0.0.1/8")},
		"a group":         {Address: netip.MustParsePrefix("224.0.0.9/24")},
		"nobody":          {Address: netip.MustParsePrefix("0.0.0.0/24")},
		"all":             {Address: netip.MustParsePrefix("10.0.0.255/24")},
		"all of them":     {Address: netip.MustParsePrefix("255.255.255.255/32")},
		"a ring of one":   {Ring: 1},
		"tiny buffers":    {RecvBuffer: 10},
		"negative":        {Sockets: -1},
		"a tiny MTU":      {MTU: 60},
		"large blocks":    {BlockSize: 1 << 20},
		"an endless name": {Hostname: string(make([]byte, 300))},
	} {
		if _, err := stack.New(dev, c); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}
