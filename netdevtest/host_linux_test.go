package netdevtest_test

import (
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
	"github.com/netdev-go/netdev/internal/bare"
	"github.com/netdev-go/netdev/netdevtest"
)

func TestHostKeepsTheContract(t *testing.T) {
	netdevtest.RunConfig(t, netdevtest.Config{
		Name: "host",
		New:  func(testing.TB) netdev.Netdever { return host.New() },
	})
}

func TestElevenMethodsKeepTheContract(t *testing.T) {
	netdevtest.RunConfig(t, netdevtest.Config{
		Name: "bare",
		New:  func(testing.TB) netdev.Netdever { return bare.Device(host.New()) },
	})
}
