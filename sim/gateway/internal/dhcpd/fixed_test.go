package dhcpd_test

import (
	"net/netip"
	"testing"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/netdev-go/netdev/sim/gateway/internal/dhcpd"
)

func TestAnAddressThatIsKeptForABoard(t *testing.T) {
	const kept = "10.0.2.40"
	n := newNetwork(t, func(c *dhcpd.Config) {
		c.Fixed = map[[6]byte]netip.Addr{[6]byte(board(1)): netip.MustParseAddr(kept)}
	})
	if ack := n.join(board(2), wish(kept)); ack.YourIPAddr.String() == kept {
		t.Error("another board got it by asking for it")
	}
	again, err := reboot(board(3), kept)
	n.want(dhcpv4.MessageTypeNak, again, err)
	for i := 4; i < 240; i++ { // all addresses but one or two
		if ack := n.join(board(i)); ack.YourIPAddr.String() == kept {
			t.Fatalf("board %d got it by chance", i)
		}
	}
	other, err := reboot(board(1), "10.0.2.254")
	n.want(dhcpv4.MessageTypeNak, other, err)
	discover, err := dhcpv4.NewDiscovery(board(1), wish("10.0.2.254"))
	if offer := n.want(dhcpv4.MessageTypeOffer, discover, err); offer.YourIPAddr.String() != kept {
		t.Errorf("its board is offered %v", offer.YourIPAddr)
	}
	if ack := n.join(board(1)); ack.YourIPAddr.String() != kept {
		t.Errorf("its board got %v", ack.YourIPAddr)
	}
}
