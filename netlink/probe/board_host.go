//go:build !tinygo

package probe

import (
	"errors"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/boards"
)

// chip is a device whose chip is there only in software.
func chip(name, summary string, boot func(boards.Config) (*boards.Board, error)) Device {
	return Device{Name: name, Summary: summary,
		Settings: usages(boards.Settings),
		values:   func(given []Setting) error { _, err := configureBoard(given); return err },
		open: func(given []Setting, events func(string)) (netdev.Netdever, error) {
			c, err := configureBoard(given)
			if err != nil {
				return nil, err
			}
			c.Network.Events = events
			return boot(c)
		},
	}
}

// without is a constructor that keeps the chip to itself.
func without[C any](boot func(boards.Config) (*boards.Board, C, error)) func(boards.Config) (*boards.Board, error) {
	return func(c boards.Config) (*boards.Board, error) {
		b, _, err := boot(c)
		return b, err
	}
}

// configureBoard returns what the settings say of a board with a chip.
func configureBoard(given []Setting) (boards.Config, error) {
	c := boards.Config{}
	c.Network.Name = programName()
	for _, s := range given {
		if err := c.Set(s.Key, s.Value); err != nil {
			return c, errors.New("-" + err.Error())
		}
	}
	return c, nil
}
