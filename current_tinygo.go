//go:build tinygo

package netdev

import _ "unsafe" // for go:linkname

// On a board TinyGo's net is the other user of the device.
//
//go:linkname bindNet net.useNetdev
func bindNet(dev Netdever)
