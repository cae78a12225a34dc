//go:build !tinygo

package rtl8720dn_test

import (
	"io"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	driver "github.com/netdev-go/netdev/drivers/rtl8720dn"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/boards"
	"github.com/netdev-go/netdev/sim/rtl8720dn"
)

// A call that makes a socket is not made again when its reply is lost. What it
// may have made is found and closed.
func TestSocketsWhoseRepliesWereLostAreClosed(t *testing.T) {
	for name, request := range map[string]byte{"socket": 0x12, "accept": 0x01} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
				l, at := w.server(4)
				lose := false
				drop := tap{change: func(f []byte) []byte {
					if lose && is(f, lwip, request) && f[len(f)-1] == 0 { // it succeeded
						lose = false
						return nil
					}
					return f
				}}
				w.chip.Inject(nil, drop.inject)
				for i := range 12 {
					lose = true
					fd, err := w.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
					if request == 0x12 && err == nil {
						t.Errorf("attempt %d: Socket is nil without a reply", i)
					}
					if err == nil {
						w.Close(fd)
					}
					if request == 0x01 {
						far := w.dial(at)
						conn := make(chan int, 1)
						go func() {
							fd, _, err := w.Accept(l)
							if err == nil {
								conn <- fd
							}
							close(conn)
						}()
						// The connection whose accept had no reply ends.
						far.SetDeadline(soon())
						if _, err := far.Read(make([]byte, 1)); err == nil {
							t.Error("the peer read something")
						}
						w.dial(at)
						w.Close(<-conn)
					}
					if lose {
						t.Errorf("attempt %d: no reply was lost", i)
					}
				}
				w.must("Close", w.Close(l))
				for range 8 {
					w.stream()
				}
			})
		})
	}
}

// An event that cannot be read may have been the one that matters.
func TestADamagedEventIsLookedInto(t *testing.T) {
	unjoined(t, boards.Config{Air: street()}, nil, func(t *testing.T, w *world) {
		w.must("NetConnect", w.NetConnect(home()))
		told := w.events()
		damaged := 0
		flip := tap{change: func(f []byte) []byte {
			if f[6] == 0x13 {
				f[12] ^= 1
				damaged++
			}
			return f
		}}
		w.chip.Inject(nil, flip.inject)
		w.board.Air.Drop("home")
		time.Sleep(time.Second)
		if e := told(); e != "down" || damaged == 0 {
			t.Errorf("told %q after %d damaged events", e, damaged)
		}
	})
}

func TestNetDisconnectWhileTheChipIsJoining(t *testing.T) {
	unjoined(t, boards.Config{}, func(cc *rtl8720dn.Config, _ *driver.Config) { cc.JoinTime = 8 * time.Second },
		func(t *testing.T, w *world) {
			done := make(chan error, 1)
			go func() { done <- w.NetConnect(&netlink.ConnectParams{Ssid: "n"}) }()
			time.Sleep(3 * time.Second)
			w.within(6*time.Second, "NetDisconnect", w.NetDisconnect)
			if err := <-done; err != netlink.ErrConnectFailed {
				t.Errorf("NetConnect = %v", err)
			}
			if _, err := w.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0); err != netdev.ErrNetDown {
				t.Errorf("Socket = %v", err)
			}
			w.must("NetConnect", w.NetConnect(&netlink.ConnectParams{Ssid: "n", ConnectTimeout: time.Minute}))
			w.connect()
		})
}

// A serial port that is pulled out has something to say, and cannot: nobody need
// call the chip for the link to be known as lost.
func TestAPortThatIsPulledOutTakesTheLinkAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network, err := sim.Boot(sim.Config{Forwards: []sim.Forward{}})
		if err != nil {
			t.Fatal(err)
		}
		defer network.Stop()
		chip := rtl8720dn.New(rtl8720dn.Config{Network: network})
		defer chip.Stop()
		chip.Enable(true)
		port := &fragilePort{UART: chip.Port()}
		dev := driver.New(&driver.Config{UART: port})
		defer dev.Stop()
		if err := dev.NetConnect(&netlink.ConnectParams{Ssid: "n"}); err != nil {
			t.Fatal(err)
		}
		down := make(chan struct{})
		dev.NetNotify(func(e netlink.Event) {
			if e == netlink.EventNetDown {
				close(down)
			}
		})
		port.out.Store(true)
		select {
		case <-down:
		case <-time.After(time.Minute):
			t.Error("nobody noticed")
		}
	})
}

type fragilePort struct {
	driver.UART
	out atomic.Bool
}

func (p *fragilePort) Buffered() int {
	if p.out.Load() {
		return 1
	}
	return p.UART.Buffered()
}

func (p *fragilePort) Read(b []byte) (int, error) {
	if p.out.Load() {
		return 0, io.ErrClosedPipe
	}
	return p.UART.Read(b)
}

// One reply that is lost is no sign of a firmware that cannot send nothing.
func TestAnEmptyDatagramWhoseReplyWasLostDoesNotForbidTheNext(t *testing.T) {
	inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		fd, err := w.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)
		w.must("Socket", err)
		to := netip.AddrPortFrom(w.peerAddr(), 9)
		lose := true
		drop := tap{change: func(f []byte) []byte {
			if lose && is(f, lwip, 0x11) {
				lose = false
				return nil
			}
			return f
		}}
		w.chip.Inject(nil, drop.inject)
		w.SendTo(fd, nil, 0, to, soon())
		time.Sleep(5 * time.Second)
		w.SendTo(fd, nil, 0, to, soon()) // tells of the first, if anything
		time.Sleep(5 * time.Second)
		if _, err := w.SendTo(fd, nil, 0, to, soon()); err != nil || lose {
			t.Errorf("SendTo = %v", err)
		}
		time.Sleep(5 * time.Second)
		if _, err := w.SendTo(fd, []byte("x"), 0, to, soon()); err != nil {
			t.Errorf("SendTo = %v", err)
		}
	})
}
