//go:build !tinygo

package probe

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/espat"
	"github.com/netdev-go/netdev/drivers/host"
	"github.com/netdev-go/netdev/drivers/rtl8720dn"
	"github.com/netdev-go/netdev/drivers/serialport"
	"github.com/netdev-go/netdev/internal/bare"
	"github.com/netdev-go/netdev/internal/tlsdev"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/boards"
)

// A Device is a device that can be had on a host.
type Device struct {
	Name     string                `json:"name"`    // of the -device flag
	Summary  string                `json:"summary"` // one line
	Settings []Usage               `json:"settings,omitempty"`
	values   func([]Setting) error // whether the values are right; nil where there are no settings
	open     func(given []Setting, events func(line string)) (netdev.Netdever, error)
}

// Usage describes a setting of a device: its key, which is the name of a flag,
// an example of its value, and a word on what it is.
type Usage struct {
	Key     string `json:"key"`
	Example string `json:"example"`
	Text    string `json:"text"`
}

// A Setting is given to a device that is opened.
type Setting struct{ Key, Value string }

var devices = []Device{
	{Name: "stack", Summary: "a board with a TCP/IP stack of its own, on a network of software",
		Settings: usages(sim.Settings),
		values:   func(given []Setting) error { _, err := configure(given); return err },
		open: func(given []Setting, events func(string)) (netdev.Netdever, error) {
			c, err := configure(given)
			if err != nil {
				return nil, err
			}
			c.Events = events
			board, err := sim.Boot(c)
			if err != nil {
				return nil, err
			}
			return tlsdev.Wrap(board), nil
		}},
	{Name: "host", Summary: "the host's kernel, with every capability it has",
		open: func([]Setting, func(string)) (netdev.Netdever, error) { return host.New(), nil }},
	{Name: "bare", Summary: "the host's kernel through the eleven methods alone, as a small chip's driver",
		open: func([]Setting, func(string)) (netdev.Netdever, error) { return bare.Device(host.New()), nil }},
	chip("wifinina", "a NINA-W102 over SPI, as on the Arduino Nano 33 IoT", without(boards.WifiNINA)),
	serialChip(chip("rtl8720dn", "an RTL8720DN over UART, as in the Wio Terminal", without(boards.RTL8720DN)), 614400,
		func(port *serialport.Port) driver {
			return rtl8720dn.New(&rtl8720dn.Config{UART: port, Memory: hostMemory, SocketBuffer: hostBuffer})
		}),
	serialChip(chip("espat", "an ESP32 or ESP8266 with AT firmware over UART", without(boards.ESPAT)), 115200,
		func(port *serialport.Port) driver {
			return espat.New(&espat.Config{UART: port, Memory: hostMemory, SocketBuffer: hostBuffer})
		}),
	chip("w5500", "a W5500 over SPI: wired Ethernet with eight sockets", without(boards.W5500)),
}

func usages(each func(func(key, example, text string))) (all []Usage) {
	each(func(key, example, text string) { all = append(all, Usage{key, example, text}) })
	return all
}

// configure returns what the settings say of a board.
func configure(given []Setting) (sim.Config, error) {
	c := sim.Config{Name: programName()}
	for _, s := range given {
		if err := c.Set(s.Key, s.Value); err != nil {
			return c, errors.New("-" + err.Error())
		}
	}
	return c, nil
}

// programName is a board's name of the program that runs on it.
func programName() string {
	name := sim.HostName(filepath.Base(os.Args[0]))
	if name == "netdev" {
		return "" // the tool, not a program
	}
	return name
}

// Devices lists the devices, the default first.
func Devices() []Device { return append([]Device(nil), devices...) }

// Check returns the error that Open would have of a device's name and settings.
func Check(name string, given ...Setting) error {
	d, err := find(name)
	if err != nil {
		return err
	}
	if err := d.checkKeys(given); err != nil || d.values == nil {
		return err
	}
	return d.values(given)
}

// Open returns a new device by its name. Where something happens on its network
// that the user wants to know, events is told in one line each, from any
// goroutine; nil tells nobody.
func Open(name string, events func(line string), given ...Setting) (netlink.Netlinker, netdev.Netdever, error) {
	d, err := find(name)
	if err == nil {
		err = d.checkKeys(given)
	}
	if err != nil {
		return nil, nil, err
	}
	if events == nil {
		events = func(string) {}
	}
	dev, err := d.open(given, events)
	if err != nil {
		return nil, nil, err
	}
	return Link(dev), dev, nil
}

func find(name string) (*Device, error) {
	var names []string
	for i := range devices {
		if devices[i].Name == name {
			return &devices[i], nil
		}
		names = append(names, devices[i].Name)
	}
	return nil, errors.New("unknown device " + strconv.Quote(name) + "; the devices are " + strings.Join(names, ", "))
}

func (d *Device) checkKeys(given []Setting) error {
	for _, s := range given {
		if !d.takes(s.Key) {
			return errors.New("device " + d.Name + " has no setting " + s.Key + having(s.Key))
		}
	}
	return nil
}

func (d *Device) takes(key string) bool {
	for _, u := range d.Settings {
		if u.Key == key {
			return true
		}
	}
	return false
}

// having names the devices that have a setting.
func having(key string) string {
	var names []string
	for i := range devices {
		if devices[i].takes(key) {
			names = append(names, devices[i].Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "; it is one of " + strings.Join(names, ", ")
}

// Probe returns the current netdev, and makes that of the host current where
// there is none.
func Probe() (netlink.Netlinker, netdev.Netdever) {
	dev := netdev.Current()
	if _, err := dev.Addr(); errors.Is(err, netdev.ErrNetdevNotSet) {
		dev = host.New()
		netdev.UseNetdev(dev)
	}
	return joined{Link(dev)}, dev
}

// Link returns the link layer of dev, or one that is always up where dev has
// none.
func Link(dev netdev.Netdever) netlink.Netlinker {
	if link, ok := netdev.As[netlink.Netlinker](dev); ok {
		return link
	}
	return wired{}
}

// joined is the link of a device that "netdev run" may have connected before
// main, for programs that do not do so themselves.
type joined struct{ netlink.Netlinker }

var asked atomic.Bool

// NetConnect is the program's. For the first one, a device that is connected is
// as good as one that was.
func (l joined) NetConnect(params *netlink.ConnectParams) error {
	err := l.Netlinker.NetConnect(params)
	if !asked.Swap(true) && errors.Is(err, netlink.ErrConnected) {
		return nil
	}
	return err
}

// OnHost reports whether dev is the host's kernel, whose names and interfaces
// are those of the host.
func OnHost(dev netdev.Netdever) bool {
	_, ok := netdev.As[*host.Device](bare.Wrapped(dev))
	return ok
}
