//go:build !tinygo

package net_test

import (
	"io"
	stdnet "net"
	"testing"
	"time"

	"github.com/netdev-go/netdev/net"
)

func TestReadAndWriteDoNotAllocate(t *testing.T) {
	onEach(t, func(t *testing.T) {
		c, s := ourNet.pair(t)
		b := make([]byte, 100)
		got := testing.AllocsPerRun(200, func() {
			if _, err := c.Write(b); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(s, b); err != nil {
				t.Fatal(err)
			}
		})
		if got != 0 {
			t.Errorf("%v allocations for a Write and a Read", got)
		}
	})
}

// raceDetector tells that sync.Pool forgets at random, and with it a device
// that keeps its timers there.
var raceDetector bool

func TestWaitingForDataDoesNotAllocate(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes pools allocate")
	}
	onEach(t, func(t *testing.T) {
		c, s := ourNet.pair(t)
		go io.Copy(struct{ io.Writer }{s}, struct{ io.Reader }{s})
		b := make([]byte, 100)
		got := testing.AllocsPerRun(200, func() {
			c.Write(b)
			if _, err := io.ReadFull(c, b); err != nil {
				t.Fatal(err)
			}
		})
		if got >= 1 {
			t.Errorf("%v allocations for an echo that is waited for", got)
		}
	})
}

func TestReadingUnderADeadlineDoesNotAllocate(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes pools allocate")
	}
	onEach(t, func(t *testing.T) {
		c, s := ourNet.pair(t)
		go io.Copy(struct{ io.Writer }{s}, struct{ io.Reader }{s})
		b := make([]byte, 100)
		got := testing.AllocsPerRun(200, func() {
			c.SetReadDeadline(time.Now().Add(time.Minute))
			c.Write(b)
			if _, err := io.ReadFull(c, b); err != nil {
				t.Fatal(err)
			}
		})
		if got >= 1 {
			t.Errorf("%v allocations for an echo that is waited for until a deadline", got)
		}
	})
}

func TestDatagramsDoNotAllocate(t *testing.T) {
	use(t, devices[0].open())
	a, b := listenUDP(t, "udp", loopback0), listenUDP(t, "udp", loopback0)
	to := b.LocalAddr().(*stdnet.UDPAddr).AddrPort()
	buf := make([]byte, 100)
	got := testing.AllocsPerRun(200, func() {
		if _, err := a.WriteToUDPAddrPort(buf, to); err != nil {
			t.Fatal(err)
		}
		if _, _, err := b.ReadFromUDPAddrPort(buf); err != nil {
			t.Fatal(err)
		}
	})
	if got != 0 {
		t.Errorf("%v allocations for a datagram", got)
	}
}

func TestMovingADeadlineDoesNotAllocate(t *testing.T) {
	use(t, devices[0].open())
	c := must[stdnet.Conn](t)(net.Dial("udp", "127.0.0.1:9"))
	defer c.Close()
	c.SetDeadline(tomorrow)
	if got := testing.AllocsPerRun(200, func() { c.SetDeadline(tomorrow) }); got != 0 {
		t.Errorf("%v allocations for SetDeadline", got)
	}
}
