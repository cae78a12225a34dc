//go:build !tinygo

package tlsdev_test

import (
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
	"github.com/netdev-go/netdev/internal/bare"
	"github.com/netdev-go/netdev/internal/tlsdev"
	"github.com/netdev-go/netdev/netdevtest"
)

func conform(t *testing.T, config netdevtest.Config, absent map[string]bool) {
	t.Helper()
	report, err := netdevtest.Conform(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	for _, res := range report.Results {
		switch res.Outcome {
		case netdevtest.Passed:
		case netdevtest.Absent:
			if !absent[res.Group] {
				t.Errorf("%s %s: %v: %s", res.ID, res.Name, res.Outcome, res.Detail)
			}
		default:
			t.Errorf("%s %s: %v: %s", res.ID, res.Name, res.Outcome, res.Detail)
		}
	}
}

func TestADeviceWithEveryCapabilityKeepsTheContract(t *testing.T) {
	conform(t, netdevtest.Config{
		New:  func(testing.TB) netdev.Netdever { return tlsdev.Wrap(host.New()) },
		Soak: 200, Timeout: patience,
	}, map[string]bool{"DNSServers": true}) // the host's kernel has no name servers of its own
}

func TestElevenMethodsKeepTheContract(t *testing.T) {
	absent := map[string]bool{}
	for _, g := range netdevtest.Groups() {
		absent[g.Name] = g.Capability != "" && g.Capability != "TLSConfigurer"
	}
	conform(t, netdevtest.Config{
		New:  func(testing.TB) netdev.Netdever { return tlsdev.Wrap(bare.Device(host.New())) },
		Soak: 200, Timeout: patience,
	}, absent)
}
