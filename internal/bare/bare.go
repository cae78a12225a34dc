// Package bare strips a device of its optional capabilities, so that what
// stands above can be tried with the eleven methods alone.
package bare

import "github.com/netdev-go/netdev"

type device struct{ netdev.Netdever }

// Device returns dev with no capability. It has no Unwrap either, so netdev.As
// finds nothing behind it.
func Device(dev netdev.Netdever) netdev.Netdever { return device{dev} }

// Wrapped returns the device that Device was given, or dev itself.
func Wrapped(dev netdev.Netdever) netdev.Netdever {
	if d, ok := dev.(device); ok {
		return d.Netdever
	}
	return dev
}
