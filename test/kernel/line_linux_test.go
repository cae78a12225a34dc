package kernel

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
	"github.com/netdev-go/netdev/wire/ethernet"
	"github.com/netdev-go/netdev/wire/ipv4"
	"github.com/netdev-go/netdev/wire/tcp"
)

var pcap = flag.String("pcap", "", "directory for a capture of each line")

// A line is a cable between the kernel and a stack, with a network of its own.
type line struct {
	*ether.Device
	name   string // of the kernel's interface
	net    netip.Prefix
	kernel netip.Addr // the kernel's end
	board  netip.Addr // the stack's, if its address is static
	stack  *stack.Stack

	mu       sync.Mutex
	watchers []*watch
	watched  atomic.Bool
}

var lines atomic.Uint32

// plug makes a TAP of the kernel's and puts a stack with that configuration at
// its other end, which has an address unless it is dynamic.
func plug(t testing.TB, c stack.Config, imp ether.Impairment) *line {
	t.Helper()
	i := lines.Add(1)
	l := &line{name: fmt.Sprintf("line%d", i)}
	// The device is named after the test, so that it meets the same faults in every
	// run. A sender waits as for pause frames: what is lost is what was asked for.
	d, err := ether.OpenTAP(ether.Config{Name: t.Name(), Seed: 1, Queue: 4096, Pause: time.Minute}, l.name)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission) || errors.Is(err, unix.ENODEV) {
		t.Skipf("SKIPPED: no TAP here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	if *pcap != "" {
		capture, err := ether.CreateCapture(filepath.Join(*pcap, strings.NewReplacer("/", "_", " ", "_", ",", "").Replace(t.Name())+"-"+l.name+".pcapng"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { capture.Close() })
		d.Capture(capture)
	}
	network := netip.AddrFrom4([4]byte{10, 99, byte(i), 0})
	l.Device, l.net, l.kernel, l.board = d, netip.PrefixFrom(network, 24), network.Next(), network.Next().Next()
	if err := up(l.name, netip.PrefixFrom(l.kernel, 24)); err != nil {
		t.Fatal(err)
	}
	if err := d.Impair(ether.Both, imp); err != nil {
		t.Fatal(err)
	}
	if c.Hostname == "" {
		c.Address, c.Gateway = netip.PrefixFrom(l.board, 24), l.kernel
	}
	if l.stack, err = stack.New(l, c); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.stack.Stop() })
	if c.Address.IsValid() {
		if err := l.stack.NetConnect(&netlink.ConnectParams{}); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// A packet is one that goes over a line.
type packet struct {
	byStack bool
	ipv4.Packet
}

// segment returns what the packet carries, or nil if it is not a whole TCP
// segment.
func (p packet) segment() tcp.Segment {
	if p.Protocol() != tcp.Protocol || p.IsFragment() {
		return nil
	}
	s, err := tcp.Parse(p.Payload())
	if err != nil {
		return nil
	}
	return s
}

// A watch waits for a packet.
type watch struct {
	fits func(packet) bool
	seen chan struct{}
}

// watch looks at what goes over the line from now on until fits is true.
func (l *line) watch(fits func(packet) bool) *watch {
	w := &watch{fits, make(chan struct{})}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.watchers = append(l.watchers, w)
	l.watched.Store(true)
	return w
}

// await returns when the packet was seen.
func (w *watch) await(t testing.TB, what string) {
	t.Helper()
	select {
	case <-w.seen:
	case <-time.After(20 * time.Second):
		t.Fatalf("there was no %s", what)
	}
}

// SendOffsetEthFrame implements netlink.FrameDevice.
func (l *line) SendOffsetEthFrame(frame []byte) error {
	l.look(frame, true)
	return l.Device.SendOffsetEthFrame(frame)
}

// SetEthRecvHandler implements netlink.FrameDevice.
func (l *line) SetEthRecvHandler(handler func([]byte)) {
	if handler == nil {
		l.Device.SetEthRecvHandler(nil)
		return
	}
	l.Device.SetEthRecvHandler(func(frame []byte) {
		if !l.watched.Load() {
			handler(frame)
			return
		}
		// What is seen to have arrived has had its effect.
		seen := bytes.Clone(frame)
		handler(frame)
		l.look(seen, false)
	})
}

func (l *line) look(frame []byte, byStack bool) {
	if !l.watched.Load() {
		return
	}
	f, err := ethernet.Parse(frame)
	if err != nil || f.Type() != ethernet.TypeIPv4 {
		return
	}
	p, err := ipv4.Parse(f.Payload())
	if err != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	left := l.watchers[:0]
	for _, w := range l.watchers {
		if w.fits(packet{byStack, p}) {
			close(w.seen)
		} else {
			left = append(left, w)
		}
	}
	clear(l.watchers[len(left):])
	l.watchers = left
	l.watched.Store(len(left) > 0)
}

// at returns an address and port as package net wants them.
func at(addr netip.Addr, port int) string { return fmt.Sprintf("%s:%d", addr, port) }
