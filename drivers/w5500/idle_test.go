//go:build !tinygo

package w5500_test

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	driver "github.com/netdev-go/netdev/drivers/w5500"
)

// Time in a bubble passes only where everybody waits: what it takes is what
// somebody has slept.

func TestWhoWaitsForAnInterruptLeavesTheBusAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, chip := boot(t, board, nil)
		p := &place{T: t, Board: b, peer: peerOf(t, b)}
		fd, _ := p.connected()
		listener, _ := p.serves(3)
		go p.Recv(fd, make([]byte, 1), 0, time.Time{})
		go p.Accept(listener)
		time.Sleep(time.Second) // what is under way ends
		before := chip.Stats().Transactions
		time.Sleep(time.Minute)
		if n := chip.Stats().Transactions - before; n != 0 {
			t.Errorf("%d frames in a minute in which nothing happened", n)
		}
	})
}

func TestAnEchoHasNoSleepInItsWay(t *testing.T) {
	for name, c := range map[string]struct {
		set  func(*driver.Config)
		most time.Duration
	}{
		"interrupt": {nil, 0},
		"polled":    {func(c *driver.Config) { c.OnInterrupt, c.Interrupt = nil, nil }, 2 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, _ := boot(t, board, c.set)
				p := &place{T: t, Board: b, peer: peerOf(t, b)}
				fd, conn := p.connected()
				go func() {
					buf := make([]byte, 1)
					for {
						if n, err := p.Recv(fd, buf, 0, time.Time{}); err != nil || n == 0 {
							return
						}
						p.Send(fd, buf, 0, time.Time{})
					}
				}()
				buf := make([]byte, 1)
				for range 20 {
					time.Sleep(time.Second)
					start := time.Now()
					conn.SetDeadline(start.Add(time.Minute))
					conn.Write(buf)
					if _, err := conn.Read(buf); err != nil {
						t.Fatal(err)
					}
					if d := time.Since(start); d > c.most {
						t.Errorf("an echo took %v", d)
					}
				}
			})
		})
	}
}

// The client's socket is there for the renewal, and not in the hours between.
func TestALeaseIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, chip := boot(t, board, nil)
		told := events(b)
		addr, _ := b.Addr()
		before := chip.Stats().Transactions
		time.Sleep(30 * time.Hour) // of a lease of 24
		if n := chip.Stats().Transactions - before; n == 0 {
			t.Error("nobody has asked for more time")
		}
		if now, err := b.Addr(); now != addr || err != nil {
			t.Errorf("the address is %v, %v; it was %v", now, err, addr)
		}
		select {
		case e := <-told:
			t.Errorf("the link is %v", e)
		default:
		}
		p := &place{T: t, Board: b, peer: peerOf(t, b)}
		for range 8 {
			p.socket(netdev.SOCK_STREAM)
		}
	})
}

// What each failure takes is the chip's own time: nine times 200 ms for ARP, and
// for a SYN what doubles each time.
func TestHowAnAttemptToConnectEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, _ := boot(t, board, nil)
		p := &place{T: t, Board: b, peer: peerOf(t, b)}
		for _, c := range []struct {
			to   netip.AddrPort
			want error
			most time.Duration
		}{
			{p.peer.Refused(), netdev.ErrConnRefused, 100 * time.Millisecond},
			{p.peer.Unreachable(), netdev.ErrHostUnreachable, 3 * time.Second},
			{p.peer.BlackHole(), netdev.ErrConnTimedOut, 40 * time.Second},
		} {
			fd := p.socket(netdev.SOCK_STREAM)
			start := time.Now()
			err := p.Connect(fd, "", c.to)
			if d := time.Since(start); err != c.want || d > c.most {
				t.Errorf("Connect to %v: %v after %v, want %v", c.to, err, d, c.want)
			}
			p.must("Close", p.Close(fd))
		}
	})
}
