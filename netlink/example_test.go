package netlink_test

import (
	"context"
	"fmt"
	"net"

	"github.com/netdev-go/netdev/netlink"
)

// board is a device whose first network does not answer.
type board struct{ attempts int }

func (b *board) NetConnect(p *netlink.ConnectParams) error {
	if err := p.Validate(); err != nil {
		return err
	}
	if b.attempts++; b.attempts == 1 {
		return netlink.ErrConnectTimeout
	}
	return nil
}
func (b *board) NetDisconnect()                {}
func (b *board) NetNotify(func(netlink.Event)) {}
func (b *board) GetHardwareAddr() (net.HardwareAddr, error) {
	return net.HardwareAddr{2, 0, 0, 0, 0, 1}, nil
}

func ExampleSupervisor() {
	ctx, stop := context.WithCancel(context.Background())
	s := &netlink.Supervisor{
		Params: &netlink.ConnectParams{Ssid: "home", Passphrase: "correct horse"},
		Notify: func(state netlink.State, err error) {
			fmt.Println(state, err)
			if state == netlink.StateUp {
				stop() // an application would begin its work
			}
		},
		MinBackoff: 1, // do not keep the reader of an example waiting
	}
	fmt.Println("ended:", s.Run(ctx, &board{}))
	// Output:
	// connecting <nil>
	// down Connect timed out
	// connecting <nil>
	// up <nil>
	// down context canceled
	// ended: context canceled
}
