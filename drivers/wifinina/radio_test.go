//go:build !tinygo

package wifinina_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/wifinina"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/boards"
	"github.com/netdev-go/netdev/sim/nina"
	"github.com/netdev-go/netdev/sim/radio"
)

var (
	home = radio.AccessPoint{SSID: "home", Passphrase: "right and long", Security: radio.WPA2, BSSID: [6]byte{2, 1, 2, 3, 4, 5}, Channel: 11, RSSI: -48}
	cafe = radio.AccessPoint{SSID: "cafe", Security: radio.Open, BSSID: [6]byte{2, 0, 0, 0, 0, 9}, Channel: 1, RSSI: -80}
	old  = radio.AccessPoint{SSID: "old", Passphrase: "from 2003", Security: radio.WPA, BSSID: [6]byte{2, 0, 0, 0, 0, 8}, Channel: 6, RSSI: -70}
)

// inAir runs f in virtual time where those three are.
func inAir(t *testing.T, f func(t *testing.T, w *world)) {
	synctest.Test(t, func(t *testing.T) {
		air := radio.New(home, cafe, old)
		w := slowBoard(t, "2.0.0", func(c *nina.Config, _ *wifinina.Config) { c.Air = air })
		w.board.Air = air
		f(t, w)
	})
}

func TestStationsJoinOpenNetworksAndThoseOfWPA2(t *testing.T) {
	inAir(t, func(t *testing.T, w *world) {
		for name, c := range map[string]struct {
			params netlink.ConnectParams
			want   error
		}{
			"open":                         {netlink.ConnectParams{Ssid: "cafe"}, nil},
			"open, said so":                {netlink.ConnectParams{Ssid: "cafe", AuthType: netlink.AuthTypeOpen}, nil},
			"protected":                    {netlink.ConnectParams{Ssid: "home", Passphrase: "right and long"}, nil},
			"world-wide":                   {netlink.ConnectParams{Ssid: "cafe", Country: "XX"}, nil},
			"a wrong passphrase":           {netlink.ConnectParams{Ssid: "home", Passphrase: "wrong and long"}, netlink.ErrAuthFailure},
			"no such network":              {netlink.ConnectParams{Ssid: "nowhere", Retries: 1}, netlink.ErrConnectFailed},
			"WPA":                          {netlink.ConnectParams{Ssid: "old", Passphrase: "from 2003", AuthType: netlink.AuthTypeWPA}, netlink.ErrAuthTypeNoGood},
			"WPA2 of one that has WPA":     {netlink.ConnectParams{Ssid: "old", Passphrase: "from 2003"}, netlink.ErrAuthFailure},
			"a country":                    {netlink.ConnectParams{Ssid: "cafe", Country: "DE"}, netlink.ErrNotSupported},
			"a name that has no room":      {netlink.ConnectParams{Ssid: string(pattern(33))}, netlink.ErrNotSupported},
			"a host name without room":     {netlink.ConnectParams{Ssid: "cafe", Hostname: string(pattern(33))}, netlink.ErrNotSupported},
			"a passphrase without room":    {netlink.ConnectParams{Ssid: "home", Passphrase: string(pattern(64))}, netlink.ErrNotSupported},
			"no time":                      {netlink.ConnectParams{Ssid: "cafe", ConnectTimeout: 10 * time.Millisecond, Retries: 1}, netlink.ErrConnectTimeout},
			"a passphrase that is short":   {netlink.ConnectParams{Ssid: "home", Passphrase: "short"}, netlink.ErrShortPassphrase},
			"a part that there is not":     {netlink.ConnectParams{Ssid: "home", ConnectMode: 7}, netlink.ErrConnectModeNoGood},
			"nothing":                      {netlink.ConnectParams{}, netlink.ErrMissingSSID},
			"without a word of the chip's": {netlink.ConnectParams{Ssid: "cafe", Retries: 2}, nil},
		} {
			begin := time.Now()
			want(t, name, w.dev.NetConnect(&c.params), c.want)
			if took := time.Since(begin); took > 30*time.Second {
				t.Errorf("%s: it took %v", name, took)
			}
			w.dev.NetDisconnect()
		}
	})
}

func TestWhatTheRadioTells(t *testing.T) {
	inAir(t, func(t *testing.T, w *world) {
		found, err := w.dev.Scan(context.Background())
		must(t, err)
		for _, p := range []netlink.AccessPoint{
			{SSID: "home", BSSID: home.BSSID, Channel: 11, RSSI: -48, Auth: netlink.AuthTypeWPA2},
			{SSID: "cafe", BSSID: cafe.BSSID, Channel: 1, RSSI: -80, Auth: netlink.AuthTypeOpen},
			{SSID: "old", BSSID: old.BSSID, Channel: 6, RSSI: -70, Auth: netlink.AuthTypeWPA},
		} {
			there := false
			for _, f := range found {
				there = there || f == p
			}
			if !there {
				t.Errorf("%+v is not among %+v", p, found)
			}
		}
		if _, err := w.dev.RSSI(); err != netdev.ErrNetDown {
			t.Errorf("RSSI of nobody: %v", err)
		}
		must(t, w.dev.NetConnect(&netlink.ConnectParams{Ssid: "home", Passphrase: "right and long"}))
		if n, err := w.dev.RSSI(); n != -48 || err != nil {
			t.Errorf("RSSI: %d, %v", n, err)
		}
		// To look around the firmware would leave its network.
		_, err = w.dev.Scan(context.Background())
		want(t, "Scan while connected", err, netlink.ErrConnected)
		if v, err := w.dev.Firmware(); v != "2.0.0" || err != nil {
			t.Errorf("Firmware: %q, %v", v, err)
		}
		fd, c := w.connect()
		w.works(fd, c)
	})
}

func TestALostNetworkIsNoticed(t *testing.T) {
	for _, watchdog := range []time.Duration{0, time.Second} {
		inAir(t, func(t *testing.T, w *world) {
			told := make(chan netlink.Event, 10)
			w.dev.NetNotify(func(e netlink.Event) { told <- e })
			must(t, w.dev.NetConnect(&netlink.ConnectParams{Ssid: "cafe", WatchdogTimeout: watchdog}))
			<-told
			fd, _ := w.connect()
			w.board.Air.Drop("cafe")
			// With nobody who looks it is the socket that tells.
			_, err := w.dev.Recv(fd, make([]byte, 1), 0, soon())
			if err != netdev.ErrNetDown && err != netdev.ErrConnReset {
				t.Errorf("Recv: %v", err)
			}
			if e := <-told; e != netlink.EventNetDown {
				t.Errorf("event %v", e)
			}
			_, err = w.dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
			want(t, "Socket", err, netdev.ErrNetDown)
			w.board.Air.Return("cafe")
			if watchdog == 0 {
				must(t, w.dev.NetConnect(&netlink.ConnectParams{Ssid: "cafe"}))
			}
			if e := <-told; e != netlink.EventNetUp {
				t.Errorf("event %v", e)
			}
			fd, c := w.connect()
			w.works(fd, c)
		})
	}
}

func TestTheBusIsLeftAloneBeforeTheFirstUse(t *testing.T) {
	t.Parallel()
	b, chip, err := boards.WifiNINA(boards.Config{})
	must(t, err)
	defer b.Stop()
	if s := chip.Stats(); s.Transactions > 0 || s.ToChip > 0 {
		t.Errorf("%+v", s)
	}
	if _, err := b.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0); err != netdev.ErrNetDown {
		t.Errorf("Socket: %v", err)
	}
	if s := chip.Stats(); s.Transactions > 0 {
		t.Errorf("%+v", s)
	}
	// What needs the chip has it reset.
	if v, err := b.Unwrap().(netlink.Versioner).Firmware(); v != "2.0.0" || err != nil {
		t.Errorf("Firmware: %q, %v", v, err)
	}
}

func TestAPingEndsWithItsContext(t *testing.T) {
	inTime(t, "2.0.0", func(t *testing.T, w *world) {
		if d, err := w.dev.Ping(context.Background(), w.peer.Addr(netdev.AF_INET), nil); err != nil || d <= 0 || d > time.Second {
			t.Errorf("a ping: %v, %v", d, err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 12*time.Second)
		defer cancel()
		begin := time.Now()
		_, err := w.dev.Ping(ctx, w.peer.BlackHole().Addr(), nil)
		want(t, "a ping of a silent host", err, context.DeadlineExceeded)
		if took := time.Since(begin); took != 12*time.Second {
			t.Errorf("it ended after %v", took)
		}
	})
}
