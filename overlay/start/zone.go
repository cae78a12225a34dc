//go:build netdev_overlay

package start

import (
	"net"
	"strconv"
)

// zoneIndex turns an IPv6 zone, a number or an interface's name, to a number.
func zoneIndex(zone string) uint32 {
	if zone == "" {
		return 0
	}
	if n, err := strconv.ParseUint(zone, 10, 32); err == nil {
		return uint32(n)
	}
	ifi, err := net.InterfaceByName(zone)
	if err != nil {
		return 0
	}
	return uint32(ifi.Index)
}
