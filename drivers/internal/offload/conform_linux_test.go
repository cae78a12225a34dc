//go:build !tinygo

package offload_test

import (
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
	"github.com/netdev-go/netdev/netdevtest"
)

// roomy is a configuration for a chip without limits, as the kernel is one.
func roomy(polled bool) offload.Config {
	return offload.Config{
		Sockets: 100, BlockSize: 2048, Blocks: 1024, SendBuffer: 64 << 10, RecvBuffer: 64 << 10,
		MaxSegment: 16 << 10, MaxDatagram: 65507, Polled: polled,
	}
}

func TestAnnouncedChipKeepsTheContract(t *testing.T) { conform(t, "announced", roomy(false)) }

func TestPolledChipKeepsTheContract(t *testing.T) { conform(t, "polled", roomy(true)) }

// As on a board: what all sockets hold at most is 8 KiB.
func TestSmallBoardKeepsTheContract(t *testing.T) { conform(t, "board", offload.Config{Polled: true}) }

func conform(t *testing.T, name string, config offload.Config) {
	netdevtest.RunConfig(t, netdevtest.Config{
		Name: name,
		New:  func(tb testing.TB) netdev.Netdever { return kernelDevice(tb, config) },
	})
}
