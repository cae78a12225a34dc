package gateway

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/netdev-go/netdev/sim/ether"
)

func testDevice(t *testing.T) *ether.Device {
	t.Helper()
	a, b, err := ether.Cable(ether.Config{MTU: 1400}, ether.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close(); b.Close() })
	return a
}

func TestTheZeroConfigIsTheUsualNetwork(t *testing.T) {
	c, err := Config{Device: testDevice(t)}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	if c.Prefix.String() != "10.0.2.0/24" || c.Addr.String() != "10.0.2.1" || c.pool().String() != "10.0.2.15" ||
		c.Domain != "netdev" || c.LeaseTime != time.Hour || c.Host == nil || c.mtu() != 1400 {
		t.Errorf("%+v, pool from %v, MTU %d", c, c.pool(), c.mtu())
	}
}

func TestConfigsThatCannotWorkAreRefused(t *testing.T) {
	for want, c := range map[string]Config{
		"Device":               {},
		"2001:db8::/64":        {Device: testDevice(t), Prefix: netip.MustParsePrefix("2001:db8::/64")},
		"10.0.2.0/30":          {Device: testDevice(t), Prefix: netip.MustParsePrefix("10.0.2.0/30")},
		"10.0.3.1":             {Device: testDevice(t), Addr: netip.MustParseAddr("10.0.3.1")},
		"10.0.2.0 is none":     {Device: testDevice(t), Addr: netip.MustParseAddr("10.0.2.0")},
		"10.0.2.255 is none":   {Device: testDevice(t), Addr: netip.MustParseAddr("10.0.2.255")},
		"LeaseTime of -1s":     {Device: testDevice(t), LeaseTime: -time.Second},
		"MaxConnections of -1": {Device: testDevice(t), MaxConnections: -1},
		`domain "two words"`:   {Device: testDevice(t), Domain: "two words"},
	} {
		if g, err := New(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, %v; want an error about %s", g, err, want)
		}
	}
}

func TestASmallNetworkHasAPool(t *testing.T) {
	c, err := Config{Device: testDevice(t), Prefix: netip.MustParsePrefix("192.168.7.9/29"), Addr: netip.MustParseAddr("192.168.7.14")}.withDefaults()
	if err != nil || c.Prefix.String() != "192.168.7.8/29" || c.pool().String() != "192.168.7.9" {
		t.Errorf("%+v, pool from %v, %v", c, c.pool(), err)
	}
}

func TestEventsAreLinesForAPerson(t *testing.T) {
	lease := Lease{MAC: [6]byte{2, 0, 0, 0, 0, 1}, Addr: netip.MustParseAddr("10.0.2.15")}
	named := lease
	named.Name = "sensor"
	forward := ForwardConfig{Network: "tcp", Listen: netip.MustParseAddrPort("0.0.0.0:8443"), To: Target{Name: "sensor", Port: 443}}
	datagrams := ForwardConfig{Network: "udp", Listen: netip.MustParseAddrPort("127.0.0.1:53"), To: Target{MAC: lease.MAC, Port: 53}}
	for want, e := range map[string]Event{
		"sensor has address 10.0.2.15":                         {Kind: LeaseGiven, Lease: named},
		"02:00:00:00:00:01 keeps address 10.0.2.15":            {Kind: LeaseRenewed, Lease: lease},
		"sensor gave back address 10.0.2.15":                   {Kind: LeaseReleased, Lease: named},
		"sensor found address 10.0.2.15 in use":                {Kind: LeaseDeclined, Lease: named},
		"the lease of sensor on address 10.0.2.15 is over":     {Kind: LeaseExpired, Lease: named},
		"sensor cannot have address 10.0.2.15":                 {Kind: LeaseRefused, Lease: named},
		"https://127.0.0.1:8443 reaches sensor:443":            {Kind: ForwardOpened, Forward: forward},
		"udp://127.0.0.1:53 reaches 02:00:00:00:00:01:53":      {Kind: ForwardOpened, Forward: datagrams},
		"https://127.0.0.1:8443 did not reach sensor:443: why": {Kind: ForwardFailed, Forward: forward, Err: errors.New("why")},
		"boards cannot ping beyond the gateway: why":           {Kind: EchoUnavailable, Err: errors.New("why")},
		"event 99": {Kind: 99},
	} {
		if got := e.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
