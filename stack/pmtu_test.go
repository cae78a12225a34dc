package stack_test

import (
	"bytes"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
	"github.com/netdev-go/netdev/wire/ethernet"
	"github.com/netdev-go/netdev/wire/icmpv4"
	"github.com/netdev-go/netdev/wire/ipv4"
)

// A narrow device stands for a router behind it whose next link carries less: what
// is longer and must not be taken apart does not arrive, and its sender is told.
type narrow struct {
	*ether.Device
	mtu     int
	handler func([]byte)
	told    int
	longest int
}

func (d *narrow) SetEthRecvHandler(h func([]byte)) {
	d.handler = h
	d.Device.SetEthRecvHandler(h)
}

func (d *narrow) SendOffsetEthFrame(frame []byte) error {
	f, err := ethernet.Parse(frame)
	if err != nil || f.Type() != ethernet.TypeIPv4 {
		return d.Device.SendOffsetEthFrame(frame)
	}
	p, err := ipv4.Parse(f.Payload())
	if err != nil {
		return err
	}
	if len(p) <= d.mtu || p.Flags()&ipv4.DontFragment == 0 {
		d.longest = max(d.longest, len(p))
		return d.Device.SendOffsetEthFrame(frame)
	}
	d.told++
	b := make([]byte, 256)
	h := ethernet.Header{Dst: f.Src(), Src: f.Dst(), Type: ethernet.TypeIPv4}
	n := h.Emit(b)
	ip := ipv4.Header{TotalLen: ipv4.HeaderLen + icmpv4.HeaderLen + 28, TTL: 64, Protocol: icmpv4.Protocol, Src: netip.MustParseAddr("10.0.0.9"), Dst: p.Src()}
	n += ip.Emit(b[n:])
	m := b[n : n+icmpv4.HeaderLen+28]
	e := icmpv4.FragmentationNeeded(d.mtu)
	copy(m[e.Emit(m):], p[:28])
	icmpv4.Message(m).FillChecksum()
	go d.handler(b[:n+len(m)])
	return nil
}

func TestStreamsFitANarrowPath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		da, db := cable(t)
		dev := &narrow{Device: da, mtu: 900}
		a := newStack(t, dev, stack.Config{Address: netip.PrefixFrom(addrA, 24)})
		b := newStack(t, db, stack.Config{Address: netip.PrefixFrom(addrB, 24)})
		must(t, a.NetConnect(nil))
		must(t, b.NetConnect(nil))
		data := bytes.Repeat([]byte("narrow"), 10_000)
		send := func() {
			fa, fb := connected(t, a, b)
			go func() {
				a.Send(fa, data, 0, never)
				a.Close(fa)
			}()
			if got, err := readAllFor(b, fb, never); err != nil || !bytes.Equal(got, data) {
				t.Fatalf("%d of %d bytes, %v", len(got), len(data), err)
			}
		}
		start := time.Now()
		send()
		if d := time.Since(start); d > 2*time.Second {
			t.Errorf("it took %v", d)
		}
		if dev.told == 0 || dev.longest != 900 {
			t.Errorf("the router spoke %d times, the longest packet had %d bytes", dev.told, dev.longest)
		}
		// The next connection knows from the beginning.
		told := dev.told
		send()
		if dev.told != told {
			t.Errorf("the router had to speak %d times more", dev.told-told)
		}
	})
}

// RFC 5927: what quotes nothing that was sent changes nothing.
func TestForgedReportsOfANarrowPathAreNotBelieved(t *testing.T) {
	g := newTarget(t)
	all := frames(g)
	g.card.handler(all[1])
	for range 10 {
		g.card.handler(all[11]) // its sequence number is 0
	}
	if n := g.Counters().TCP.PMTUReduced; n != 0 {
		t.Errorf("%d of 10 were believed", n)
	}
	fd, err := g.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)
	must(t, err)
	before := g.card.sent
	if _, err := g.SendTo(fd, make([]byte, 1472), 0, at(addrB, 9), never); err != nil {
		t.Fatal(err)
	}
	if n := g.card.sent - before; n != 1 {
		t.Errorf("a datagram for the whole MTU went in %d frames", n)
	}
	must(t, g.Stop())
}
