package probe_test

import (
	"io"
	stdnet "net"
	"strings"
	"testing"
	"time"

	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/netlink/probe"
	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/bus"
	"github.com/netdev-go/netdev/sim/espat"
	"github.com/netdev-go/netdev/sim/radio"
)

// A chip at a serial port of this machine: what stands there is a simulated one,
// but device and driver find a file in /dev.
func TestAChipAtASerialPort(t *testing.T) {
	network, err := sim.Boot(sim.Config{Forwards: []sim.Forward{}})
	if err != nil {
		t.Fatal(err)
	}
	defer network.Stop()
	air := radio.New(radio.AccessPoint{SSID: "home", Passphrase: "correct horse", Security: radio.WPA2, Channel: 1})
	chip := espat.New(espat.Config{Network: network, Air: air, BootTime: -1})
	defer chip.Stop()
	name, unplug, err := bus.Terminal(chip.Port())
	if err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	defer unplug()

	s := func(key, value string) probe.Setting { return probe.Setting{Key: key, Value: value} }
	link, dev, err := probe.Open("espat", nil, s("port", name), s("ssid", "home"), s("passphrase", "correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	defer stop(t, dev)
	if err := link.NetConnect(&netlink.ConnectParams{}); err != nil {
		t.Fatal(err)
	}
	ln, err := stdnet.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() {
		if c, err := ln.Accept(); err == nil {
			io.Copy(c, c)
			c.Close()
		}
	}()
	_, port, _ := stdnet.SplitHostPort(ln.Addr().String())
	d := net.Dialer{Device: dev}
	c, err := d.Dial("tcp", "host:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(20 * time.Second))
	want := strings.Repeat("over a serial port ", 200)
	go io.WriteString(c, want)
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != want {
		t.Errorf("%d bytes came back, %v", len(got), err)
	}
}

func TestSettingsOfASerialPort(t *testing.T) {
	s := func(key, value string) probe.Setting { return probe.Setting{Key: key, Value: value} }
	for _, c := range []struct {
		given []probe.Setting
		want  string // "" is right
	}{
		{[]probe.Setting{s("port", "/dev/ttyUSB0"), s("ssid", "home")}, ""},
		{[]probe.Setting{s("port", "/dev/ttyUSB0"), s("baud", "9600"), s("ssid", "home"), s("passphrase", "correct horse"), s("p", "none")}, ""},
		{[]probe.Setting{s("firmware", "4.1.0.0")}, ""},
		{[]probe.Setting{s("port", "/dev/ttyUSB0")}, "-ssid names that"},
		{[]probe.Setting{s("port", "")}, "want a serial port such as /dev/ttyUSB0"},
		{[]probe.Setting{s("baud", "9600")}, "-port names one"},
		{[]probe.Setting{s("port", "x"), s("ssid", "home"), s("baud", "fast")}, `-baud "fast": want a speed`},
		{[]probe.Setting{s("port", "x"), s("ssid", "home"), s("loss", "1%")}, "-loss is for a simulated chip"},
		{[]probe.Setting{s("port", "x"), s("ssid", "home"), s("p", "80:80")}, "-p is for a simulated chip"},
	} {
		err := probe.Check("espat", c.given...)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("Check(%v) = %v, want %q", c.given, err, c.want)
		}
	}
	if _, _, err := probe.Open("espat", nil, s("port", "/dev/nothing"), s("ssid", "home")); err == nil || !strings.Contains(err.Error(), "/dev/nothing") {
		t.Errorf("Open of a port that is not there = %v", err)
	}
}
