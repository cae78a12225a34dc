//go:build !tinygo

package netdev

// On a host Go's own net is bound when the program is built: package overlay.
func bindNet(Netdever) {}
