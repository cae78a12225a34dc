//go:build !tinygo

package probe_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
	"github.com/netdev-go/netdev/internal/bare"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/netlink/probe"
)

func TestProbeGivesTheCurrentDevice(t *testing.T) {
	t.Cleanup(func() { netdev.UseNetdev(nil) })
	dev := bare.Device(host.New())
	netdev.UseNetdev(dev)
	link, got := probe.Probe()
	if got != dev || netdev.Current() != dev {
		t.Errorf("Probe gave %v, the current device is %v", got, dev)
	}
	if err := link.NetConnect(&netlink.ConnectParams{}); err != nil {
		t.Errorf("NetConnect = %v", err)
	}
}

func TestProbeMakesTheHostCurrent(t *testing.T) {
	t.Cleanup(func() { netdev.UseNetdev(nil) })
	netdev.UseNetdev(nil)
	link, dev := probe.Probe()
	if _, ok := dev.(*host.Device); !ok || netdev.Current() != dev {
		t.Errorf("Probe gave %T, current is %T", dev, netdev.Current())
	}
	if mac, err := link.GetHardwareAddr(); err == nil {
		if want, _ := dev.(*host.Device).GetHardwareAddr(); mac.String() != want.String() {
			t.Errorf("the link is %v, the device %v", mac, want)
		}
	}
	if _, again := probe.Probe(); again != dev {
		t.Error("a second Probe gave another device")
	}
}

// A program connects as on a board, whether it was started with the device
// connected or not.
func TestFirstNetConnectOfAConnectedDevice(t *testing.T) {
	t.Cleanup(func() { netdev.UseNetdev(nil) })
	dev := host.New()
	dev.NetConnect(&netlink.ConnectParams{})
	netdev.UseNetdev(dev)
	link, _ := probe.Probe()
	probe.Forget()
	if err := link.NetConnect(&netlink.ConnectParams{}); err != nil {
		t.Errorf("the first NetConnect = %v", err)
	}
	if err := link.NetConnect(&netlink.ConnectParams{}); !errors.Is(err, netlink.ErrConnected) {
		t.Errorf("the second NetConnect = %v, want ErrConnected", err)
	}
}

func TestEveryDeviceOpens(t *testing.T) {
	for _, d := range probe.Devices() {
		link, dev, err := probe.Open(d.Name, nil)
		if err != nil || link == nil || dev == nil {
			t.Errorf("Open(%q) = %v, %v, %v", d.Name, link, dev, err)
			continue
		}
		t.Cleanup(func() { stop(t, dev) })
		if err := link.NetConnect(&netlink.ConnectParams{}); err != nil {
			t.Errorf("%s: %v", d.Name, err)
		}
		fd, err := dev.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)
		if err != nil {
			t.Errorf("%s: %v", d.Name, err)
			continue
		}
		dev.Close(fd)
	}
}

func TestUnknownDeviceErrorListsThem(t *testing.T) {
	_, _, err := probe.Open("modem", nil)
	if err == nil || !strings.Contains(err.Error(), `unknown device "modem"`) || !strings.Contains(err.Error(), "stack, host, bare") {
		t.Errorf("Open = %v", err)
	}
}

func TestDeviceWithoutALinkIsAlwaysUp(t *testing.T) {
	link := probe.Link(bare.Device(host.New()))
	link.NetDisconnect()
	if err := link.NetConnect(nil); err != nil {
		t.Error(err)
	}
	if _, err := link.GetHardwareAddr(); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("GetHardwareAddr = %v", err)
	}
}

func TestSettingsOfADevice(t *testing.T) {
	s := func(key, value string) probe.Setting { return probe.Setting{Key: key, Value: value} }
	if err := probe.Check("stack", s("loss", "1%"), s("p", "8080:80"), s("p", "none"), s("name", "web")); err != nil {
		t.Error(err)
	}
	err := probe.Check("stack", s("name", "web"), s("loss", "much"))
	if want := `-loss "much": much is no percentage such as 1%`; err == nil || err.Error() != want {
		t.Errorf("Check = %v, want %s", err, want)
	}
	err = probe.Check("bare", s("loss", "1%"))
	if want := "device bare has no setting loss; it is one of stack, wifinina, rtl8720dn, espat, w5500"; err == nil || err.Error() != want {
		t.Errorf("Check = %v, want %s", err, want)
	}
	for _, d := range probe.Devices() {
		for _, u := range d.Settings {
			if u.Key == "" || u.Example == "" || u.Text == "" {
				t.Errorf("%s has the setting %+v", d.Name, u)
			}
		}
	}
}

func TestADeviceTellsWhatHappens(t *testing.T) {
	lines := make(chan string, 9)
	link, dev, err := probe.Open("stack", func(line string) { lines <- line }, probe.Setting{Key: "name", Value: "web"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, dev) })
	if err := link.NetConnect(nil); err != nil {
		t.Fatal(err)
	}
	addr, err := dev.Addr()
	if err != nil {
		t.Error(err)
	}
	if line, want := <-lines, "web has address "+addr.String(); line != want {
		t.Errorf("told %q, want %q", line, want)
	}
}

func stop(t *testing.T, dev netdev.Netdever) {
	if d, ok := netdev.As[interface{ Stop() error }](dev); ok {
		if err := d.Stop(); err != nil {
			t.Error(err)
		}
	}
}

func TestSettingThatADeviceDoesNotHave(t *testing.T) {
	err := probe.Check("host", probe.Setting{Key: "colour", Value: "red"})
	if err == nil || err.Error() != "device host has no setting colour" {
		t.Errorf("Check = %v", err)
	}
	if _, _, opened := probe.Open("host", nil, probe.Setting{Key: "colour", Value: "red"}); opened == nil || opened.Error() != err.Error() {
		t.Errorf("Open = %v", opened)
	}
}
