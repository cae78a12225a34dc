package dhcp_test

import (
	"net"
	"strings"
	"testing"

	oracle "github.com/insomniacslk/dhcp/dhcpv4"

	"github.com/netdev-go/netdev/dhcp"
)

// A small device keeps of a server's lists what it has asked to keep.
func TestALeaseIsAsLongAsTheConfigSays(t *testing.T) {
	_, net1, _ := net.ParseCIDR("192.168.1.0/24")
	_, net2, _ := net.ParseCIDR("192.168.2.0/24")
	via := net.IPv4(10, 0, 0, 1)
	tr := boundTrace(t, func(c *dhcp.Config) { c.MaxList, c.MaxText = 1, 12 },
		oracle.WithLeaseTime(3600),
		oracle.WithDNS(net.IPv4(10, 0, 0, 2), net.IPv4(10, 0, 0, 3)),
		oracle.WithOption(oracle.OptNTPServers(net.IPv4(10, 0, 0, 2), net.IPv4(10, 0, 0, 3))),
		oracle.WithOption(oracle.OptClasslessStaticRoute(&oracle.Route{Dest: net1, Router: via}, &oracle.Route{Dest: net2, Router: via})),
		oracle.WithDomainSearchList(strings.Repeat("a", 13), "b.example", "c.example"),
		oracle.WithOption(oracle.OptDomainName(strings.Repeat("a", 13))),
	)
	l := tr.c.Lease()
	if len(l.DNS) != 1 || len(l.NTP) != 1 || len(l.Routes) != 1 || len(l.Search) != 1 || l.Search[0] != "b.example" || l.Domain != "" {
		t.Errorf("%+v", l)
	}
}
