//go:build !tinygo

package espat_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	driver "github.com/netdev-go/netdev/drivers/espat"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/boards"
	"github.com/netdev-go/netdev/sim/radio"
)

// aired runs f with a device that is not connected yet, among access points.
func aired(t *testing.T, f func(dev *driver.Device, air *radio.Air)) {
	synctest.Test(t, func(t *testing.T) {
		air := radio.New(
			radio.AccessPoint{SSID: `a "quoted", net\`, Passphrase: `pass,"word\`, Security: radio.WPA2, BSSID: [6]byte{2, 1, 2, 3, 4, 5}, Channel: 11, RSSI: -61},
			radio.AccessPoint{SSID: "open", Channel: 1, RSSI: -70},
		)
		b, _, err := boards.ESPATWith(boards.Config{Air: air, Network: sim.Config{Forwards: []sim.Forward{}}}, real)
		if err != nil {
			t.Fatal(err)
		}
		defer b.Stop()
		f(b.Unwrap().(*driver.Device), air)
	})
}

func home(retries int) *netlink.ConnectParams {
	return &netlink.ConnectParams{Ssid: `a "quoted", net\`, Passphrase: `pass,"word\`, Retries: retries, Hostname: "board", Country: "DE"}
}

func TestJoiningANetworkWithAStrangeName(t *testing.T) {
	aired(t, func(dev *driver.Device, _ *radio.Air) {
		if err := dev.NetConnect(home(1)); err != nil {
			t.Fatal(err)
		}
		if a, err := dev.Addr(); err != nil || !a.Is4() || a.IsUnspecified() {
			t.Errorf("Addr = %v, %v", a, err)
		}
		if n, err := dev.RSSI(); err != nil || n != -61 {
			t.Errorf("RSSI = %d, %v", n, err)
		}
		if err := dev.NetConnect(home(1)); err != netlink.ErrConnected {
			t.Errorf("NetConnect again = %v", err)
		}
		dev.NetDisconnect()
		if err := dev.NetConnect(&netlink.ConnectParams{Ssid: "open", Retries: 1}); err != nil {
			t.Errorf("NetConnect to another = %v", err)
		}
	})
}

func TestWhatKeepsItFromJoining(t *testing.T) {
	aired(t, func(dev *driver.Device, _ *radio.Air) {
		wrong := home(1)
		wrong.Passphrase = "something else"
		if err := dev.NetConnect(wrong); err != netlink.ErrAuthFailure {
			t.Errorf("with a wrong passphrase: %v", err)
		}
		if err := dev.NetConnect(&netlink.ConnectParams{Ssid: "nowhere", Passphrase: "passphrase", Retries: 1}); err != netlink.ErrConnectFailed {
			t.Errorf("without an access point: %v", err)
		}
		if err := dev.NetConnect(home(1)); err != nil {
			t.Errorf("in the end: %v", err)
		}
	})
}

func TestNetDisconnectEndsAJoinUnderWay(t *testing.T) {
	aired(t, func(dev *driver.Device, _ *radio.Air) {
		dev.Firmware() // it has booted
		joined := make(chan error)
		go func() { joined <- dev.NetConnect(home(0)) }()
		time.Sleep(300 * time.Millisecond)
		begin := time.Now()
		dev.NetDisconnect()
		if err := <-joined; err != netlink.ErrConnectFailed || time.Since(begin) > 500*time.Millisecond {
			t.Errorf("NetConnect = %v, %v after NetDisconnect", err, time.Since(begin))
		}
		if err := dev.NetConnect(home(1)); err != nil {
			t.Errorf("NetConnect afterwards = %v", err)
		}
	})
}

func TestAnAccessPointThatComesBackIsJoinedAgain(t *testing.T) {
	aired(t, func(dev *driver.Device, air *radio.Air) {
		events := make(chan netlink.Event, 9)
		dev.NetNotify(func(e netlink.Event) { events <- e })
		p := home(1)
		p.WatchdogTimeout = time.Minute
		if err := dev.NetConnect(p); err != nil {
			t.Fatal(err)
		}
		if e := <-events; e != netlink.EventNetUp {
			t.Errorf("told %v", e)
		}
		fd, err := dev.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)
		if err == nil {
			err = dev.Bind(fd, netip.AddrPort{})
		}
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		air.Drop("")
		if e := <-events; e != netlink.EventNetDown || time.Since(begin) > time.Second {
			t.Errorf("told %v after %v", e, time.Since(begin))
		}
		if _, err := dev.Recv(fd, make([]byte, 1), 0, never); !errors.Is(err, netdev.ErrNetDown) {
			t.Errorf("Recv = %v, want ErrNetDown", err)
		}
		time.Sleep(5 * time.Second)
		air.Return("")
		if e := <-events; e != netlink.EventNetUp {
			t.Errorf("told %v", e)
		}
	})
}

func TestScanFindsWhatIsThere(t *testing.T) {
	aired(t, func(dev *driver.Device, _ *radio.Air) {
		found, err := dev.Scan(context.Background())
		if err != nil || len(found) != 2 {
			t.Fatalf("Scan = %v, %v", found, err)
		}
		want := netlink.AccessPoint{SSID: `a "quoted", net\`, BSSID: [6]byte{2, 1, 2, 3, 4, 5}, Channel: 11, RSSI: -61, Auth: netlink.AuthTypeWPA2}
		for _, a := range found {
			switch a.SSID {
			case want.SSID:
				if a != want {
					t.Errorf("found %+v, want %+v", a, want)
				}
			case "open":
				if a.Auth != netlink.AuthTypeOpen {
					t.Errorf("found %+v", a)
				}
			default:
				t.Errorf("found %+v", a)
			}
		}
	})
}

func TestBeingAnAccessPoint(t *testing.T) {
	aired(t, func(dev *driver.Device, _ *radio.Air) {
		p := &netlink.ConnectParams{ConnectMode: netlink.ConnectModeAP, Ssid: "board", Passphrase: "passphrase", Retries: 1}
		if err := dev.NetConnect(p); err != nil {
			t.Fatal(err)
		}
		if a, err := dev.Addr(); err != nil || !a.IsPrivate() {
			t.Errorf("Addr = %v, %v", a, err)
		}
		dev.NetDisconnect()
	})
}
