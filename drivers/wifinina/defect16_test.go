//go:build !tinygo

package wifinina_test

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/wifinina"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/boards"
	"github.com/netdev-go/netdev/sim/nina"
)

func TestDefect16_OptionsThatTheChipHasAreSet(t *testing.T) {
	inTime(t, "2.0.0", func(t *testing.T, w *world) {
		fd, c := w.connect()
		for _, on := range []bool{true, false} {
			must(t, w.dev.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_KEEPALIVE, on))
			if v, err := w.dev.GetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_KEEPALIVE); v != on || err != nil {
				t.Errorf("SO_KEEPALIVE set to %v reads %v, %v", on, v, err)
			}
		}
		want(t, "TCP_NODELAY", w.dev.SetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_NODELAY, true), netdev.ErrNotSupported)
		w.works(fd, c)
	})
}

func TestDefect16_TheHostNameIsTold(t *testing.T) {
	t.Parallel()
	w := switchOn(t, boards.Config{}, nil)
	must(t, w.board.NetConnect(&netlink.ConnectParams{Hostname: "lamp"}))
	must(t, w.resolves("lamp")) // the gateway knows what DHCP has told it
}

// resolves asks the network's own server, through the device.
func (w *world) resolves(name string) error {
	_, err := w.dev.GetHostByName(name)
	return err
}

func TestDefect16_AStaticAddressAndServersAreUsed(t *testing.T) {
	t.Parallel()
	for _, firmware := range []string{"2.0.0", "1.5.0", "1.4.8"} {
		t.Run(firmware, func(t *testing.T) {
			addr := netip.MustParsePrefix("10.0.2.77/24")
			gateway := netip.MustParseAddr("10.0.2.1")
			w := switchOn(t, boards.Config{Firmware: firmware}, func(_ *nina.Config, c *wifinina.Config) {
				c.Address, c.Gateway, c.DNS = addr, gateway, []netip.Addr{gateway}
			})
			for range 2 {
				must(t, w.board.NetConnect(&netlink.ConnectParams{}))
				if w.addr() != addr.Addr() {
					t.Errorf("the address is %v, want %v", w.addr(), addr.Addr())
				}
				if list := w.dev.DNSServers(); len(list) != 1 || list[0] != gateway {
					t.Errorf("servers %v", list)
				}
				list, err := w.dev.Interfaces()
				if err != nil || len(list) != 1 || len(list[0].Addrs) != 1 || list[0].Addrs[0] != addr {
					t.Errorf("interfaces %+v, %v", list, err)
				}
				must(t, w.resolves("peer"))
				fd, c := w.connect()
				w.works(fd, c)
				w.dev.NetDisconnect()
			}
		})
	}
}

func TestDefect16_AnInvertedResetLineIsNotHeldDown(t *testing.T) {
	t.Parallel()
	level := false // of the inverter's input: the chip runs
	var chip *nina.Chip
	var b *boards.Board
	var err error
	b, chip, err = boards.WifiNINAWith(boards.Config{}, func(_ *nina.Config, c *wifinina.Config) {
		c.ResetInverted = true
		c.Reset = func(high bool) { level = high; chip.Reset(!high) }
	})
	must(t, err)
	must(t, b.NetConnect(&netlink.ConnectParams{}))
	must(t, b.Stop())
	if level {
		t.Error("the chip is left in reset")
	}
}

func TestDefect16_AnAccessPointHasItsChannel(t *testing.T) {
	t.Parallel()
	for _, passphrase := range []string{"", "long enough"} {
		w := switchOn(t, boards.Config{}, func(_ *nina.Config, c *wifinina.Config) { c.Channel = 11 })
		must(t, w.dev.NetConnect(&netlink.ConnectParams{ConnectMode: netlink.ConnectModeAP, Ssid: "ap", Passphrase: passphrase}))
		if !w.addr().Is4() {
			t.Errorf("address %v", w.addr())
		}
		if _, err := w.dev.RSSI(); err != netdev.ErrNetDown {
			t.Errorf("RSSI of an access point: %v", err)
		}
		w.dev.NetDisconnect()
		must(t, w.board.NetConnect(&netlink.ConnectParams{})) // and a station again
	}
	w := switchOn(t, boards.Config{}, func(_ *nina.Config, c *wifinina.Config) { c.Channel = 200 })
	err := w.dev.NetConnect(&netlink.ConnectParams{ConnectMode: netlink.ConnectModeAP, Ssid: "ap", Retries: 1})
	want(t, "a channel that there is not", err, netlink.ErrConnectFailed)
}

func TestDefect16_AnEmptyReceiveTouchesNothing(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		fd, c := w.connect()
		for _, b := range [][]byte{nil, {}} {
			if n, err := w.dev.Recv(fd, b, 0, soon()); n != 0 || err != nil {
				t.Errorf("Recv: %d, %v", n, err)
			}
		}
		w.works(fd, c)
	})
}

func TestDefect16_AnEchoIsNotDelayed(t *testing.T) {
	for _, firmware := range []string{"2.0.0", "1.4.8"} {
		inTime(t, firmware, func(t *testing.T, w *world) {
			fd, c := w.connect()
			go func() {
				b := make([]byte, 1)
				for {
					if _, err := c.Read(b); err != nil {
						return
					}
					c.Write(b)
				}
			}()
			b := make([]byte, 1)
			begin := time.Now()
			const times = 20
			for range times {
				if _, err := w.dev.Send(fd, []byte{1}, 0, soon()); err != nil {
					t.Fatal(err)
				}
				if _, err := w.dev.Recv(fd, b, 0, soon()); err != nil {
					t.Fatal(err)
				}
			}
			// An exchange takes the chip 50 µs.
			if took := time.Since(begin) / times; took > 5*time.Millisecond {
				t.Errorf("an echo of one byte took %v", took)
			}
			c.Close()
		})
	}
}

func TestDefect16_AnIdleDeviceLeavesTheBusAlone(t *testing.T) {
	inTime(t, "2.0.0", func(t *testing.T, w *world) {
		fd, c := w.connect()
		w.works(fd, c)
		time.Sleep(time.Second)
		before := w.chip.Stats().Transactions
		time.Sleep(time.Hour)
		if n := w.chip.Stats().Transactions - before; n != 0 {
			t.Errorf("%d transactions in an hour of which nobody waited for anything", n)
		}
	})
}

func TestDefect16_AChipThatRestartsIsServedAgain(t *testing.T) {
	for _, firmware := range []string{"2.0.0", "1.4.8"} {
		inTime(t, firmware, func(t *testing.T, w *world) {
			w.dev.NetDisconnect()
			must(t, w.board.NetConnect(&netlink.ConnectParams{WatchdogTimeout: time.Second}))
			told := make(chan netlink.Event, 10)
			w.dev.NetNotify(func(e netlink.Event) { told <- e })
			fd, _ := w.connect()
			l, _ := w.serve()
			w.chip.Crash()
			if e := <-told; e != netlink.EventNetDown {
				t.Errorf("event %v", e)
			}
			if e := <-told; e != netlink.EventNetUp {
				t.Errorf("event %v", e)
			}
			_, err := w.dev.Recv(fd, make([]byte, 1), 0, soon())
			want(t, "a connection of before", err, netdev.ErrConnReset)
			_, _, err = w.dev.Accept(l)
			want(t, "a listener of before", err, netdev.ErrNetDown)
			for range 8 { // with those two, all there are
				w.connect()
			}
			must(t, w.dev.Close(fd))
			must(t, w.dev.Close(l))
			fd, c := w.connect()
			w.works(fd, c)
		})
	}
}

func TestDefect16_AChipThatFallsSilentIsReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := slowBoard(t, "2.0.0", func(_ *nina.Config, c *wifinina.Config) { c.Timeout = 2 * time.Second })
		must(t, w.board.NetConnect(&netlink.ConnectParams{WatchdogTimeout: time.Second}))
		told := make(chan netlink.Event, 10)
		w.dev.NetNotify(func(e netlink.Event) { told <- e })
		fd, _ := w.connect()
		w.chip.Silence(time.Hour)
		begin := time.Now()
		_, err := w.dev.Recv(fd, make([]byte, 1), 0, never)
		want(t, "Recv", err, netdev.ErrConnReset)
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("it took %v", took)
		}
		for _, e := range []netlink.Event{netlink.EventNetDown, netlink.EventNetUp} {
			if got := <-told; got != e {
				t.Errorf("event %v, want %v", got, e)
			}
		}
		fd, c := w.connect()
		w.works(fd, c)
	})
}
