package boards

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/radio"
)

var version = regexp.MustCompile(`^\d{1,3}(\.\d{1,3}){2,3}$`)

// A setting is a field of Config as a flag has it.
type setting struct {
	key, example, text string
	set                func(*Config, string) error
}

var settings = []setting{
	{"ssid", "home", "the WiFi network that there is; without it every one is", func(c *Config, v string) error {
		if v == "" || len(v) > 32 {
			return errors.New("want 1 to 32 bytes such as home")
		}
		c.SSID = v
		return nil
	}},
	{"passphrase", "correct horse", "its passphrase; without it the network is open", func(c *Config, v string) error {
		if len(v) < 8 || len(v) > 63 {
			return errors.New("want 8 to 63 characters")
		}
		c.Passphrase = v
		return nil
	}},
	{"firmware", "1.4.8", "the version of what runs in the chip", func(c *Config, v string) error {
		if !version.MatchString(v) {
			return errors.New("want a version such as 1.4.8")
		}
		c.Firmware = v
		return nil
	}},
}

// Settings calls f with each key that Set knows, an example of its value and a
// word on what it is, for the flags of a command.
func Settings(f func(key, example, text string)) {
	for _, s := range settings {
		f(s.key, s.example, s.text)
	}
	sim.Settings(func(key, example, text string) {
		if key != "profile" && key != "congestion" { // the chip's own
			f(key, example, text)
		}
	})
}

// Set changes one field by its key and text, as a flag does. After an error c is
// as it was.
func (c *Config) Set(key, value string) error {
	for _, s := range settings {
		if s.key == key {
			if err := s.set(c, value); err != nil {
				return fmt.Errorf("%s %q: %w", key, value, err)
			}
			return nil
		}
	}
	return c.Network.Set(key, value)
}

// air is what there is to receive: the network of the configuration, or any.
func (c *Config) air() *radio.Air {
	switch {
	case c.Air != nil:
		return c.Air
	case c.SSID == "":
		return radio.Anywhere()
	}
	p := radio.AccessPoint{SSID: c.SSID, Passphrase: c.Passphrase, BSSID: [6]byte{2, 'n', 'e', 't', 'a', 'p'}, Channel: 6, RSSI: -50}
	if c.Passphrase != "" {
		p.Security = radio.WPA2
	}
	return radio.New(p)
}
