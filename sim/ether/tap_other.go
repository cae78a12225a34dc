//go:build !linux

package ether

import (
	"errors"
	"fmt"
)

// OpenTAP returns errors.ErrUnsupported: on this system there is no TAP that
// netdev can open.
func OpenTAP(c Config, name string) (*Device, error) {
	return nil, fmt.Errorf("ether: TAP %q: %w", name, errors.ErrUnsupported)
}
