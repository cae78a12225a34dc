package chip_test

import (
	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/chip"
	"github.com/netdev-go/netdev/stack"
)

var (
	_ chip.Network = (*stack.Stack)(nil)
	_ chip.Network = (*sim.Board)(nil)
)
