//go:build !tinygo

package gonet_test

import (
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host/internal/gonet"
	"github.com/netdev-go/netdev/netdevtest"
)

func TestContract(t *testing.T) {
	netdevtest.RunConfig(t, netdevtest.Config{
		Name: "gonet",
		New:  func(testing.TB) netdev.Netdever { return gonet.New() },
	})
}
