//go:build !tinygo

package probe

import (
	"errors"
	"strconv"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/serialport"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/boards"
)

// A driver's device.
type driver interface {
	netdev.Netdever
	netlink.Netlinker
	Stop() error
}

// What a real chip's driver may take on a host: for all sockets, and for one in
// each direction.
const (
	hostMemory = 512 << 10
	hostBuffer = 64 << 10
)

// serialChip is chip for one that may also be a real one, at a serial port.
func serialChip(d Device, baud int, drive func(*serialport.Port) driver) Device {
	simulated := d
	d.Settings = append([]Usage{
		{"port", "/dev/ttyUSB0", "drive a real chip, at a serial port of this machine"},
		{"baud", "115200", "the speed of that port in bit/s"},
	}, d.Settings...)
	d.values = func(given []Setting) error {
		if c, err := configurePort(given, baud); err != nil || c.name != "" {
			return err
		}
		return simulated.values(given)
	}
	d.open = func(given []Setting, events func(string)) (netdev.Netdever, error) {
		c, err := configurePort(given, baud)
		if err != nil {
			return nil, err
		}
		if c.name == "" {
			return simulated.open(given, events)
		}
		port, err := serialport.Open(c.name, c.baud)
		if err != nil {
			return nil, err
		}
		return &serialDevice{driver: drive(port), port: port, config: c}, nil
	}
	return d
}

// portConfig is what the settings say of a real chip.
type portConfig struct {
	name             string // "" is a simulated one
	baud             int
	ssid, passphrase string
}

var errBaud = errors.New("want a speed in bit/s such as 115200")

func configurePort(given []Setting, baud int) (portConfig, error) {
	c := portConfig{baud: baud}
	var others string
	var board boards.Config
	for _, s := range given {
		var err error
		switch s.Key {
		case "port":
			if c.name = s.Value; c.name == "" {
				err = errors.New(`port "": want a serial port such as /dev/ttyUSB0`)
			}
		case "baud":
			if c.baud, err = strconv.Atoi(s.Value); err != nil || c.baud <= 0 {
				err = errors.New("baud " + strconv.Quote(s.Value) + ": " + errBaud.Error())
			}
		case "ssid", "passphrase":
			err = board.Set(s.Key, s.Value)
		case "p": // what "netdev test" says to each device: nothing is forwarded
			if s.Value != "none" {
				others = s.Key
			}
		default:
			others = s.Key
		}
		if err != nil {
			return c, errors.New("-" + err.Error())
		}
	}
	c.ssid, c.passphrase = board.SSID, board.Passphrase
	switch {
	case c.name == "" && has(given, "baud"):
		return c, errors.New("-baud is the speed of a serial port; -port names one")
	case c.name != "" && others != "":
		return c, errors.New("-" + others + " is for a simulated chip, and -port names a real one")
	case c.name != "" && c.ssid == "":
		return c, errors.New("-port names a real chip, which is to join a network: -ssid names that, and -passphrase opens it")
	}
	return c, nil
}

func has(given []Setting, key string) bool {
	for _, s := range given {
		if s.Key == key {
			return true
		}
	}
	return false
}

// A serialDevice is a real chip, which joins the network of the settings where
// the program names none.
type serialDevice struct {
	driver
	port   *serialport.Port
	config portConfig
}

func (d *serialDevice) Unwrap() netdev.Netdever { return d.driver }

func (d *serialDevice) NetConnect(params *netlink.ConnectParams) error {
	return d.driver.NetConnect(boards.Credentials(params, d.config.ssid, d.config.passphrase))
}

// Stop also closes the port.
func (d *serialDevice) Stop() error {
	return errors.Join(d.driver.Stop(), d.port.Close())
}
