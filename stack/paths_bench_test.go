package stack_test

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/netdev-go/netdev/stack"
)

// A tapped card hands its frames to the other one within the call that sends them,
// and keeps a copy of those that it is asked to.
type tapped struct {
	card
	mac    [6]byte
	peer   *tapped // nil drops them
	keep   bool
	frames [][]byte
}

func (d *tapped) HardwareAddr6() ([6]byte, error) { return d.mac, nil }

func (d *tapped) SendOffsetEthFrame(frame []byte) error {
	if d.keep {
		d.frames = append(d.frames, slices.Clone(frame))
	}
	if d.peer != nil {
		d.peer.handler(frame)
	}
	return nil
}

// A bench is a stack, and a peer that says what it is to be asked.
type bench struct {
	*stack.Stack
	peer      *stack.Stack
	dev, from *tapped
}

func newBench(b *testing.B, c stack.Config) *bench {
	b.Helper()
	dev, from := &tapped{mac: cardMAC}, &tapped{mac: peerMAC}
	dev.peer, from.peer = from, dev
	c.Address = netip.PrefixFrom(addrA, 24)
	s := newStack(b, dev, c)
	peer := newStack(b, from, stack.Config{Address: netip.PrefixFrom(addrB, 24), Gateway: addrA})
	must(b, s.NetConnect(nil))
	must(b, peer.NetConnect(nil))
	return &bench{s, peer, dev, from}
}

// said returns the frames that the peer sends within f, once neighbours know each other.
func (n *bench) said(b *testing.B, f func()) [][]byte {
	b.Helper()
	f()
	n.from.keep = true
	f()
	n.from.keep = false
	if len(n.from.frames) == 0 {
		b.Fatal("the peer said nothing")
	}
	n.dev.peer = nil // what the stack answers is not the peer's time
	return n.from.frames
}

// hear measures how the stack takes frames, and what take has to do then.
func (n *bench) hear(b *testing.B, frames [][]byte, take func()) {
	size := 0
	for _, f := range frames {
		size += len(f)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for _, f := range frames {
			n.dev.handler(f)
		}
		take()
	}
}

func nothing() {}

// BenchmarkInput is each way in of a packet that no stream is there for.
func BenchmarkInput(b *testing.B) {
	b.Run("arp", func(b *testing.B) {
		n := newBench(b, stack.Config{})
		n.from.keep = true
		fd, _ := bound(b, n.peer, addrB)
		sendTo(b, n.peer, fd, "who has", at(addrA, 9))
		n.dev.peer = nil
		for _, f := range n.from.frames {
			if f[12] == 8 && f[13] == 6 { // the request
				n.hear(b, [][]byte{f}, nothing)
				return
			}
		}
		b.Fatal("nobody asked")
	})
	for _, size := range []int{56, 1400} {
		b.Run("echo/bytes="+strconv.Itoa(size), func(b *testing.B) {
			n := newBench(b, stack.Config{})
			ping := func() {
				if _, err := n.peer.Ping(context.Background(), addrA, make([]byte, size)); err != nil {
					b.Fatal(err)
				}
			}
			n.hear(b, n.said(b, ping), nothing)
		})
	}
	b.Run("closed", func(b *testing.B) {
		n := newBench(b, stack.Config{})
		fd, _ := bound(b, n.peer, addrB)
		n.hear(b, n.said(b, func() { sendTo(b, n.peer, fd, "nobody is there", at(addrA, 9)) }), nothing)
	})
	for _, size := range []int{64, 1472, 3000} { // the last one in fragments
		b.Run("udp/bytes="+strconv.Itoa(size), func(b *testing.B) {
			n := newBench(b, stack.Config{})
			fa, name := bound(b, n.Stack, addrA)
			fb, _ := bound(b, n.peer, addrB)
			data, buf := strings.Repeat("x", size), make([]byte, size)
			frames := n.said(b, func() { sendTo(b, n.peer, fb, data, name) })
			take := func() {
				if n, err := n.Recv(fa, buf, 0, never); n != size || err != nil {
					b.Fatal(n, err)
				}
			}
			for range 2 {
				take()
			}
			n.hear(b, frames, take)
		})
	}
	b.Run("group", func(b *testing.B) {
		n := newBench(b, stack.Config{})
		group := netip.AddrFrom4([4]byte{239, 1, 2, 3})
		fa, name := bound(b, n.Stack, anywhere)
		must(b, n.JoinGroup(fa, group, ""))
		fb, _ := bound(b, n.peer, addrB)
		buf := make([]byte, 64)
		frames := n.said(b, func() { sendTo(b, n.peer, fb, "to all of them", at(group, name.Port())) })
		take := func() {
			if _, err := n.Recv(fa, buf, 0, never); err != nil {
				b.Fatal(err)
			}
		}
		for range 2 {
			take()
		}
		n.hear(b, frames, take)
	})
}

// BenchmarkForward is what a gateway is told, and what it answers in another's name.
func BenchmarkForward(b *testing.B) {
	far := at(netip.AddrFrom4([4]byte{192, 0, 2, 7}), 53)
	var n *bench
	n = newBench(b, stack.Config{Forward: &stack.Forward{
		UDP: func(from, to netip.AddrPort, payload []byte) { n.SendUDPFrom(to, from, payload) },
		Echo: func(from, to netip.Addr, id, seq uint16, payload []byte) {
			n.SendEchoReply(to, from, id, seq, payload)
		},
	}})
	fd, _ := bound(b, n.peer, addrB)
	data := strings.Repeat("x", 512)
	datagram := n.said(b, func() { sendTo(b, n.peer, fd, data, far) })
	b.Run("udp", func(b *testing.B) { n.hear(b, datagram, nothing) })
	n.from.frames, n.dev.peer = nil, n.from
	ping := n.said(b, func() {
		if _, err := n.peer.Ping(context.Background(), far.Addr(), nil); err != nil {
			b.Fatal(err)
		}
	})
	b.Run("echo", func(b *testing.B) { n.hear(b, ping, nothing) })
}

// BenchmarkOutput is a datagram's way out, whole, in fragments, to a group that the
// stack is in itself, and back over the loopback interface.
func BenchmarkOutput(b *testing.B) {
	group := netip.AddrFrom4([4]byte{239, 1, 2, 3})
	for name, c := range map[string]struct {
		to   netip.Addr
		size int
		back bool
	}{
		"udp": {addrB, 1472, false}, "fragments": {addrB, 3000, false},
		"group": {group, 512, true}, "loopback": {home, 512, true},
	} {
		b.Run(name, func(b *testing.B) {
			n := newBench(b, stack.Config{})
			fd, at0 := bound(b, n.Stack, anywhere)
			must(b, n.JoinGroup(fd, group, ""))
			sendTo(b, n.Stack, fd, "first", at(addrB, 9)) // finds the neighbour
			n.dev.peer = nil
			to, data, buf := at(c.to, at0.Port()), make([]byte, c.size), make([]byte, c.size)
			b.SetBytes(int64(c.size))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := n.SendTo(fd, data, 0, to, never); err != nil {
					b.Fatal(err)
				}
				if c.back {
					if _, err := n.Recv(fd, buf, 0, never); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
