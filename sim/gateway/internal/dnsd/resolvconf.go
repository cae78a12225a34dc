package dnsd

import (
	"net/netip"
	"os"
	"strings"
)

// SystemServers returns the DNS servers of the host, as resolv.conf(5) has them.
// Where there is no such file there are none.
func SystemServers() []netip.AddrPort {
	text, err := os.ReadFile("/etc/resolv.conf")
	if err != nil {
		return nil
	}
	return parseServers(string(text))
}

func parseServers(text string) (servers []netip.AddrPort) {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != "nameserver" {
			continue
		}
		if addr, err := netip.ParseAddr(fields[1]); err == nil {
			servers = append(servers, netip.AddrPortFrom(addr, 53))
		}
	}
	return servers
}
