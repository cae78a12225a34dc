package kernel

import (
	"fmt"
	stdnet "net"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
	"github.com/netdev-go/netdev/wire/tcp"
)

// What the kernel does not offer is not used, whoever calls, and the connection
// gets over losses without it.
func TestEveryMixOfOptionsOfTheKernels(t *testing.T) {
	for mix := range 8 {
		has := map[tcp.OptionSet]bool{tcp.HasTimestamps: mix&1 != 0, tcp.HasSACKPermitted: mix&2 != 0, tcp.HasWindowScale: mix&4 != 0}
		t.Run(fmt.Sprintf("timestamps %d, SACK %d, scale %d", mix&1, mix>>1&1, mix>>2), func(t *testing.T) {
			sysctl(t, "ipv4/tcp_timestamps", fmt.Sprint(mix&1))
			sysctl(t, "ipv4/tcp_sack", fmt.Sprint(mix>>1&1))
			sysctl(t, "ipv4/tcp_window_scaling", fmt.Sprint(mix>>2))
			for _, p := range pairs {
				l := plug(t, stack.Config{}, ether.Impairment{Loss: 0.01, Reorder: 0.01, ReorderBy: time.Millisecond, Delay: 100 * time.Microsecond})
				var bad tcp.OptionSet
				fin := l.watch(func(p packet) bool {
					s := p.segment()
					if s == nil || !p.byStack {
						return false
					}
					var o tcp.Options
					if err := o.Parse(s.OptionBytes()); err != nil {
						t.Errorf("options %x: %v", s.OptionBytes(), err)
					}
					// What a caller offers is its own choice.
					if f := s.Flags(); !f.Has(tcp.SYN) || f.Has(tcp.ACK) {
						for option, on := range has {
							if !on {
								bad |= o.Has & option
							}
						}
						if !has[tcp.HasSACKPermitted] {
							bad |= o.Has & tcp.HasSACK
						}
						if has[tcp.HasTimestamps] && o.Has&tcp.HasTimestamps == 0 && !f.Has(tcp.RST) {
							bad |= tcp.HasTimestamps
						}
					}
					return s.Flags().Has(tcp.FIN)
				})
				a, b := p.connect(t, l)
				transfer(t, a, b, 256<<10)
				fin.await(t, "FIN of the stack's")
				if bad != 0 {
					t.Errorf("%s: the options %b are used wrongly", p.name, bad)
				}
			}
		})
	}
}

// The stack knows nothing of ECN, and nobody comes to believe that it does.
func TestTheKernelsWishForECNIsNotGranted(t *testing.T) {
	sysctl(t, "ipv4/tcp_ecn", "1")
	l := plug(t, stack.Config{}, ether.Impairment{})
	asked := l.watch(func(p packet) bool {
		s := p.segment()
		return s != nil && !p.byStack && s.Flags().Has(tcp.SYN|tcp.ECE|tcp.CWR)
	})
	answered := l.watch(func(p packet) bool {
		s := p.segment()
		return s != nil && p.byStack && s.Flags() == tcp.SYN|tcp.ACK
	})
	kernel, board := ends(t, l)
	asked.await(t, "SYN that asks for ECN")
	answered.await(t, "SYN-ACK that does not grant it")
	transfer(t, kernel, board, 256<<10)
}

// Every way of the kernel's to fill a line.
func TestCongestionControlsOfTheKernels(t *testing.T) {
	names, err := os.ReadFile("/proc/sys/net/ipv4/tcp_allowed_congestion_control")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range strings.Fields(string(names)) {
		t.Run(name, func(t *testing.T) {
			sysctl(t, "ipv4/tcp_congestion_control", name)
			l := plug(t, stack.Config{}, ether.Impairment{Rate: 100e6, Delay: time.Millisecond, Limit: 64 << 10})
			a, b := ends(t, l)
			transfer(t, a, b, 512<<10)
		})
	}
}

func TestTheKernelsMaximumSegmentIsKept(t *testing.T) {
	l := plug(t, stack.Config{}, ether.Impairment{})
	ln, err := stdnet.Listen("tcp4", at(l.kernel, 0))
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	const mss = 500
	if err := setInt(raw(t, ln.(*stdnet.TCPListener)), unix.SOL_TCP, unix.TCP_MAXSEG, mss); err != nil {
		t.Fatal(err)
	}
	longest := 0
	fin := l.watch(func(p packet) bool {
		s := p.segment()
		if s == nil || !p.byStack {
			return false
		}
		longest = max(longest, len(s)-tcp.HeaderLen) // options count (RFC 6691)
		return s.Flags().Has(tcp.FIN)
	})
	accepted := make(chan stdnet.Conn, 1)
	go func() {
		c, _ := ln.Accept()
		accepted <- c
	}()
	a, err := l.dial("tcp4", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	b := <-accepted
	defer b.Close()
	transfer(t, a, b, 100<<10)
	fin.await(t, "FIN of the stack's")
	if longest != mss {
		t.Errorf("the longest segment has %d bytes of options and data, want %d", longest, mss)
	}
}
