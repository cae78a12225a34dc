//go:build !tinygo

package rtl8720dn_test

import (
	"context"
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	driver "github.com/netdev-go/netdev/drivers/rtl8720dn"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/boards"
	"github.com/netdev-go/netdev/sim/bus"
	"github.com/netdev-go/netdev/sim/radio"
	"github.com/netdev-go/netdev/sim/rtl8720dn"
)

const (
	wifi        = 0x0E
	wifiConnect = 0x01
	wifiCountry = 0x11
	wifiStartAP = 0x26

	wifiScanRecords = 0x42
)

// street is what a chip receives in the tests below.
func street() *radio.Air {
	return radio.New(
		radio.AccessPoint{SSID: "home", Passphrase: "correct horse", Security: radio.WPA2, BSSID: [6]byte{1, 2, 3, 4, 5, 6}, Channel: 11, RSSI: -61},
		radio.AccessPoint{SSID: "cafe", Channel: 1, RSSI: -80},
		radio.AccessPoint{SSID: "old", Passphrase: "battery staple", Security: radio.WPA, Channel: 6, RSSI: -70},
	)
}

func home() *netlink.ConnectParams {
	return &netlink.ConnectParams{Ssid: "home", Passphrase: "correct horse", Retries: 1}
}

func TestJoiningAndLeaving(t *testing.T) {
	unjoined(t, boards.Config{Air: street()}, nil, func(t *testing.T, w *world) {
		for range 3 {
			w.must("NetConnect", w.NetConnect(home()))
			if a, err := w.Addr(); err != nil || !a.Is4() {
				t.Errorf("Addr = %v, %v", a, err)
			}
			gateway := netip.MustParseAddr("10.0.2.1")
			if s := w.DNSServers(); !slices.Equal(s, []netip.Addr{gateway}) {
				t.Errorf("DNSServers = %v", s)
			}
			if dBm, err := w.RSSI(); dBm != -61 || err != nil {
				t.Errorf("RSSI = %d, %v", dBm, err)
			}
			fd, _ := w.connect()
			w.NetDisconnect()
			if _, err := w.Recv(fd, make([]byte, 1), 0, soon()); err != netdev.ErrNetDown {
				t.Errorf("Recv = %v, want ErrNetDown", err)
			}
			if _, err := w.RSSI(); err != netdev.ErrNetDown {
				t.Errorf("RSSI = %v, want ErrNetDown", err)
			}
		}
	})
}

func TestJoiningFailsForAReason(t *testing.T) {
	wrong, other := home(), home()
	wrong.Passphrase = "wrong horse"
	other.Ssid = "office"
	unjoined(t, boards.Config{Air: street()}, nil, func(t *testing.T, w *world) {
		for params, want := range map[*netlink.ConnectParams]error{
			wrong:                               netlink.ErrAuthFailure,
			other:                               netlink.ErrConnectFailed,
			{Ssid: "home", Passphrase: "short"}: netlink.ErrShortPassphrase,
		} {
			if err := w.NetConnect(params); err != want {
				t.Errorf("NetConnect to %q with %q: %v, want %v", params.Ssid, params.Passphrase, err, want)
			}
		}
		w.must("NetConnect", w.NetConnect(home()))
	})
}

// The words of the WiFi driver for what protects a network, and for a country.
func TestWhatTheRadioIsTold(t *testing.T) {
	var security, country uint32
	said := tap{change: func(f []byte) []byte {
		switch {
		case is(f, wifi, wifiConnect):
			v := values(f)
			security = binary.LittleEndian.Uint32(v[len(v)-12:])
		case is(f, wifi, wifiCountry):
			country = binary.LittleEndian.Uint32(values(f))
		}
		return f
	}}
	for _, tt := range []struct {
		auth     netlink.AuthType
		security uint32
		code     string
		country  uint32
	}{
		{netlink.AuthTypeWPA2, 0x00400004, "DE", 1},
		{netlink.AuthTypeOpen, 0, "JP", 3},
		{netlink.AuthTypeWPA, 0x00200002, "US", 5},
		{netlink.AuthTypeWPA2Mixed, 0x00600000, "XX", 0},
	} {
		unjoined(t, boards.Config{}, nil, func(t *testing.T, w *world) {
			w.chip.Inject(said.inject, nil)
			security, country = 99, 99
			p := &netlink.ConnectParams{Ssid: "n", AuthType: tt.auth, Country: tt.code, Retries: 1, Hostname: "board"}
			if tt.auth != netlink.AuthTypeOpen {
				p.Passphrase = "correct horse"
			}
			if err := w.NetConnect(p); err != nil || security != tt.security || country != tt.country {
				t.Errorf("%v: the chip was told %#x, and %d of %s: %v", tt.auth, security, country, tt.code, err)
			}
		})
	}
}

func TestAStaticAddress(t *testing.T) {
	own := netip.MustParsePrefix("10.0.2.77/24")
	c := boards.Config{Network: sim.Config{Addr: own}}
	inWorld(t, c, nil, func(t *testing.T, w *world) {
		if a, err := w.Addr(); a != own.Addr() || err != nil {
			t.Errorf("Addr = %v, %v", a, err)
		}
		i, err := w.Interfaces()
		if err != nil || len(i) != 1 || !slices.Equal(i[0].Addrs, []netip.Prefix{own}) {
			t.Errorf("Interfaces = %v, %v", i, err)
		}
		if a, err := w.GetHostByName("peer.netdev"); a != w.peerAddr() || err != nil {
			t.Errorf("GetHostByName = %v, %v", a, err)
		}
	})
}

func TestAnAccessPointOfItsOwn(t *testing.T) {
	unjoined(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		p := &netlink.ConnectParams{ConnectMode: netlink.ConnectModeAP, Ssid: "board", Passphrase: "correct horse", Retries: 1}
		for range 2 {
			w.must("NetConnect", w.NetConnect(p))
			if a, err := w.Addr(); a != netip.MustParseAddr("192.168.1.1") || err != nil {
				t.Errorf("Addr = %v, %v", a, err)
			}
			if s := w.DNSServers(); len(s) > 0 {
				t.Errorf("DNSServers = %v", s)
			}
			w.stream()
			w.NetDisconnect()
		}
		w.must("NetConnect as a station", w.NetConnect(home()))
		w.connect()
	})
}

func TestScan(t *testing.T) {
	want := []netlink.AccessPoint{
		{SSID: "home", BSSID: [6]byte{1, 2, 3, 4, 5, 6}, Channel: 11, RSSI: -61, Auth: netlink.AuthTypeWPA2},
		{SSID: "cafe", Channel: 1, RSSI: -80, Auth: netlink.AuthTypeOpen},
		{SSID: "old", Channel: 6, RSSI: -70, Auth: netlink.AuthTypeWPA},
	}
	unjoined(t, boards.Config{Air: street()}, nil, func(t *testing.T, w *world) {
		for _, connected := range []bool{false, true} {
			if connected {
				w.must("NetConnect", w.NetConnect(home()))
			}
			found, err := w.Scan(t.Context())
			if err != nil || !slices.Equal(found, want) {
				t.Errorf("Scan = %+v, %v", found, err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if _, err := w.Scan(ctx); err != context.DeadlineExceeded {
			t.Errorf("Scan with too little time: %v", err)
		}
	})
}

func TestTheVersionIsAskedForOnce(t *testing.T) {
	unjoined(t, boards.Config{Firmware: "2.1.2"}, nil, func(t *testing.T, w *world) {
		for range 3 {
			if v, err := w.Firmware(); v != "2.1.2" || err != nil {
				t.Errorf("Firmware = %q, %v", v, err)
			}
		}
		if n := w.chip.Stats().Requests; n > 4 {
			t.Errorf("%d requests", n)
		}
	})
}

// events returns what NetNotify's function was told, as words.
func (w *world) events() func() string {
	told := make(chan netlink.Event, 16)
	w.NetNotify(func(e netlink.Event) { told <- e })
	return func() string {
		synctest.Wait()
		var words []string
		for len(told) > 0 {
			words = append(words, (<-told).String())
		}
		return strings.Join(words, " ")
	}
}

func TestALostAccessPointIsToldAtOnce(t *testing.T) {
	unjoined(t, boards.Config{Air: street()}, nil, func(t *testing.T, w *world) {
		p := home()
		p.WatchdogTimeout = time.Hour
		w.must("NetConnect", w.NetConnect(p))
		told := w.events()
		fd, _ := w.connect()
		w.board.Air.Drop("home")
		w.within(100*time.Millisecond, "Recv", func() {
			if _, err := w.Recv(fd, make([]byte, 1), 0, soon()); err != netdev.ErrNetDown {
				t.Errorf("Recv = %v, want ErrNetDown", err)
			}
		})
		time.Sleep(100 * time.Millisecond)
		if e := told(); e != "down" {
			t.Errorf("told %q", e)
		}
		w.board.Air.Return("home")
		time.Sleep(30 * time.Second)
		if e := told(); e != "up" {
			t.Errorf("told %q when it was back", e)
		}
		w.connect()
	})
}

// A chip that crashes says nothing about it: it is found out by whoever uses it,
// or by the watchdog.
func TestACrashIsFoundOut(t *testing.T) {
	unjoined(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		w.must("NetConnect", w.NetConnect(&netlink.ConnectParams{Ssid: "n", WatchdogTimeout: 10 * time.Second}))
		told := w.events()
		for range 3 {
			fd, _ := w.connect()
			w.chip.Crash()
			time.Sleep(time.Minute)
			if e := told(); e != "down up" {
				t.Errorf("told %q", e)
			}
			if _, err := w.Recv(fd, make([]byte, 1), 0, soon()); err != netdev.ErrConnReset {
				t.Errorf("Recv = %v, want ErrConnReset", err)
			}
			w.must("Close", w.Close(fd))
		}
	})
}

func TestASilentChipIsReset(t *testing.T) {
	inWorld(t, boards.Config{}, func(_ *rtl8720dn.Config, dc *driver.Config) { dc.Timeout = time.Second },
		func(t *testing.T, w *world) {
			fd, _ := w.connect()
			w.chip.Silence(time.Hour)
			w.within(3*time.Second, "Recv", func() {
				if _, err := w.Recv(fd, make([]byte, 1), 0, soon()); err != netdev.ErrConnReset {
					t.Errorf("Recv = %v, want ErrConnReset", err)
				}
			})
			if err := w.NetConnect(&netlink.ConnectParams{Ssid: "n", Retries: 1}); err == nil {
				t.Error("NetConnect of a silent chip is nil")
			}
			w.chip.Silence(0)
			w.must("NetConnect", w.NetConnect(&netlink.ConnectParams{Ssid: "n", Retries: 1}))
			w.connect()
		})
}

func TestJoiningTakesNoLongerThanItMay(t *testing.T) {
	unjoined(t, boards.Config{}, func(cc *rtl8720dn.Config, _ *driver.Config) { cc.JoinTime = 8 * time.Second },
		func(t *testing.T, w *world) {
			p := &netlink.ConnectParams{Ssid: "n", Retries: 1, ConnectTimeout: 3 * time.Second}
			w.within(9*time.Second, "NetConnect", func() {
				if err := w.NetConnect(p); err == nil {
					t.Error("NetConnect was in time")
				}
			})
			p.ConnectTimeout = 20 * time.Second
			w.must("NetConnect", w.NetConnect(p))
			w.connect()
		})
}

// Without its pin a chip cannot be reset, and begins with what it had.
func TestWithoutAnEnablePin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network, err := sim.Boot(sim.Config{Forwards: []sim.Forward{}})
		if err != nil {
			t.Fatal(err)
		}
		defer network.Stop()
		peer, err := network.Peer()
		if err != nil {
			t.Fatal(err)
		}
		chip := rtl8720dn.New(rtl8720dn.Config{Network: network, Baud: rtl8720dn.Baud, Ring: 128})
		defer chip.Stop()
		chip.Enable(true)
		time.Sleep(2 * time.Second)
		for range 3 {
			w := &world{TB: t, chip: chip, peer: peer, Device: driver.New(&driver.Config{UART: chip.Port()})}
			w.must("NetConnect", w.NetConnect(&netlink.ConnectParams{Ssid: "n", WatchdogTimeout: time.Second}))
			for range 3 {
				w.connect()
			}
			chip.Inject(bus.Nth(9, bus.Lose), nil)
			time.Sleep(5 * time.Second)
			w.connect()
			chip.Crash()
			time.Sleep(20 * time.Second)
			w.connect()
			// The program begins anew, the chip does not.
			w.Device.Stop()
		}
	})
}

func TestAnEmptyDatagramThatTheChipHasNoAnswerTo(t *testing.T) {
	inWorld(t, boards.Config{}, func(cc *rtl8720dn.Config, _ *driver.Config) { cc.NoEmpty = true },
		func(t *testing.T, w *world) {
			fd, err := w.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)
			w.must("Socket", err)
			to := netip.AddrPortFrom(w.peerAddr(), 9)
			_, err = w.SendTo(fd, nil, 0, to, soon())
			w.must("SendTo", err)
			time.Sleep(5 * time.Second)
			if _, err := w.SendTo(fd, []byte("x"), 0, to, soon()); !errors.Is(err, netdev.ErrNotSupported) {
				t.Errorf("the error of the first is %v, told by the second", err)
			}
			if _, err = w.SendTo(fd, []byte("x"), 0, to, soon()); err != nil {
				t.Errorf("the third: %v", err)
			}
			w.connect()
		})
}

func TestTheFirmwareIsAskedForItsVersionOnce(t *testing.T) {
	asked := 0
	said := tap{change: func(f []byte) []byte {
		if is(f, 0x01, 0x01) {
			asked++
		}
		return f
	}}
	inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		w.chip.Inject(said.inject, nil)
		var callers sync.WaitGroup
		for range 4 {
			callers.Go(func() {
				if v, err := w.Firmware(); v != rtl8720dn.DefaultFirmware || err != nil {
					t.Errorf("Firmware = %q, %v", v, err)
				}
			})
		}
		callers.Wait()
		if asked != 1 {
			t.Errorf("the chip was asked %d times", asked)
		}
	})
}

// A scan whose context ends while the chip answers has no result: what comes is
// nobody's. That it is not looked at either is for the race detector to see.
func TestAScanMayEndInTheMiddleOfACall(t *testing.T) {
	b, chip := boot(t, static, nil)
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		end := tap{change: func(f []byte) []byte {
			if is(f, wifi, wifiScanRecords) {
				cancel()
			}
			return f
		}}
		chip.Inject(nil, end.inject)
		found, err := device(b).Scan(ctx)
		if err != nil && (err != context.Canceled || found != nil) {
			t.Errorf("Scan = %v, %v", found, err)
		}
		chip.Inject(nil, nil)
		cancel()
	}
}

// A chip that answers, but not sensibly, is not taken for one that has begun: it
// stays in reset, and is begun anew.
func TestAChipThatBeginsWithNonsenseStaysInReset(t *testing.T) {
	const adapter, adapterInit = 0x0F, 0x01
	began := 0
	nonsense := tap{change: func(f []byte) []byte {
		if !is(f, adapter, adapterInit) {
			return f
		}
		return frame(f[4], f[5], f[6], sequence(f), 1, 2, 3)
	}}
	said := tap{change: func(f []byte) []byte {
		if is(f, adapter, adapterInit) {
			began++
		}
		return f
	}}
	quiet := func(cc *rtl8720dn.Config, _ *driver.Config) { cc.BootNoise = []byte{} }
	var high bool
	unjoined(t, boards.Config{}, quiet, func(t *testing.T, w *world) {
		dev := driver.New(&driver.Config{UART: w.chip.Port(), Enable: func(h bool) { high = h; w.chip.Enable(h) }})
		defer dev.Stop()
		w.chip.Inject(nil, nonsense.inject)
		if _, err := dev.GetHardwareAddr(); !errors.Is(err, netdev.ErrNetDown) || high {
			t.Errorf("GetHardwareAddr = %v; the chip is enabled: %v", err, high)
		}
		w.chip.Inject(said.inject, nil)
		if _, err := dev.GetHardwareAddr(); err != nil || began != 1 {
			t.Errorf("GetHardwareAddr = %v; the chip was begun %d times", err, began)
		}
	})
}

// Between two networks a chip may begin anew, and nobody hears of it. The next
// attempt finds out, and so does a scan.
func TestAChipThatBeganAnewWhileDisconnectedServes(t *testing.T) {
	once := &netlink.ConnectParams{Ssid: "n", Retries: 1}
	inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		for _, use := range []func() error{
			func() error { return w.NetConnect(once) },
			func() error { _, err := w.Scan(t.Context()); return err },
		} {
			w.NetDisconnect()
			w.chip.Crash()
			time.Sleep(2 * time.Second)
			w.must("the first use after the crash", use())
		}
		w.must("NetConnect", w.NetConnect(once))
		w.connect()
	})
}

// As an access point too the chip is known to have begun anew, though it answers.
func TestAnAccessPointThatBeganAnewIsOneAgain(t *testing.T) {
	unjoined(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		p := &netlink.ConnectParams{
			ConnectMode: netlink.ConnectModeAP, Ssid: "board", Passphrase: "correct horse", WatchdogTimeout: time.Second,
		}
		w.must("NetConnect", w.NetConnect(p))
		time.Sleep(time.Minute)
		events := make(chan netlink.Event, 4)
		w.NetNotify(func(e netlink.Event) { events <- e })
		w.chip.Crash()
		for _, want := range []netlink.Event{netlink.EventNetDown, netlink.EventNetUp} {
			select {
			case e := <-events:
				if e != want {
					t.Errorf("told %v, want %v", e, want)
				}
			case <-time.After(time.Minute):
				t.Fatalf("never told %v", want)
			}
		}
		w.stream()
	})
}

// The firmware copies names to where they have room if they are no longer than a
// network's may be.
func TestNamesThatNoNetworkHasAreNotTold(t *testing.T) {
	long := strings.Repeat("x", 33)
	unjoined(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		told := false
		said := tap{change: func(f []byte) []byte {
			told = told || is(f, wifi, wifiConnect) || is(f, wifi, wifiStartAP)
			return f
		}}
		w.chip.Inject(said.inject, nil)
		for _, p := range []*netlink.ConnectParams{
			{Ssid: long},
			{Ssid: "n", Passphrase: long + long[:32]},
			{Ssid: long, ConnectMode: netlink.ConnectModeAP},
			{Ssid: "n\x00m"},
		} {
			p.Retries = 1
			if err := w.NetConnect(p); err == nil || told {
				t.Errorf("NetConnect to %q with %q: %v; the chip was told: %v", p.Ssid, p.Passphrase, err, told)
			}
		}
		p := &netlink.ConnectParams{Ssid: long[:32], Passphrase: long + long[:31]}
		w.must("NetConnect", w.NetConnect(p))
	})
}

// However long joining may take, Stop does not wait for it.
func TestStopDoesNotWaitForAJoin(t *testing.T) {
	set := func(cc *rtl8720dn.Config, _ *driver.Config) { cc.JoinTime = time.Hour }
	unjoined(t, boards.Config{}, set, func(t *testing.T, w *world) {
		done := make(chan error, 1)
		go func() { done <- w.NetConnect(&netlink.ConnectParams{Ssid: "n", ConnectTimeout: 2 * time.Hour}) }()
		time.Sleep(time.Minute)
		w.within(10*time.Second, "Stop", func() { w.Stop() })
		if err := <-done; err == nil {
			t.Error("NetConnect = nil")
		}
	})
}
