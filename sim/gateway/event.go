package gateway

import (
	"fmt"
	"net"
	"net/netip"

	"github.com/netdev-go/netdev/sim/gateway/internal/dhcpd"
)

// EventKind is what happened.
type EventKind int

const (
	LeaseGiven      EventKind = iota + 1 // to a board that had none
	LeaseRenewed                         // for another lease time
	LeaseReleased                        // by its board
	LeaseDeclined                        // by its board, which found the address in use
	LeaseExpired                         // seen when the next board speaks to the DHCP server
	LeaseRefused                         // Lease is what the board asked for in vain
	ForwardOpened                        // Forward.Listen is where it really listens
	ForwardFailed                        // a connection did not reach the board: Err
	EchoUnavailable                      // Host cannot ping: Err; told once
)

// An Event is something that happened in a gateway. Fields that its kind does
// not speak of are zero.
type Event struct {
	Kind    EventKind
	Lease   Lease
	Forward ForwardConfig
	Err     error
}

// String returns the event in one line for a person.
func (e Event) String() string {
	switch e.Kind {
	case LeaseGiven:
		return fmt.Sprintf("%s has address %v", e.Lease.board(), e.Lease.Addr)
	case LeaseRenewed:
		return fmt.Sprintf("%s keeps address %v", e.Lease.board(), e.Lease.Addr)
	case LeaseReleased:
		return fmt.Sprintf("%s gave back address %v", e.Lease.board(), e.Lease.Addr)
	case LeaseDeclined:
		return fmt.Sprintf("%s found address %v in use", e.Lease.board(), e.Lease.Addr)
	case LeaseExpired:
		return fmt.Sprintf("the lease of %s on address %v is over", e.Lease.board(), e.Lease.Addr)
	case LeaseRefused:
		return fmt.Sprintf("%s cannot have address %v", e.Lease.board(), e.Lease.Addr)
	case ForwardOpened:
		return fmt.Sprintf("%s reaches %v", e.Forward.URL(), e.Forward.To)
	case ForwardFailed:
		return fmt.Sprintf("%s did not reach %v: %v", e.Forward.URL(), e.Forward.To, e.Err)
	case EchoUnavailable:
		return fmt.Sprintf("boards cannot ping beyond the gateway: %v", e.Err)
	}
	return fmt.Sprintf("event %d", e.Kind)
}

func (l Lease) board() string {
	if l.Name != "" {
		return l.Name
	}
	return net.HardwareAddr(l.MAC[:]).String()
}

func (g *Gateway) tell(e Event) {
	if g.config.Events != nil {
		g.config.Events(e)
	}
}

func (g *Gateway) leaseChanged(c dhcpd.Change, l dhcpd.Lease) {
	kind := map[dhcpd.Change]EventKind{
		dhcpd.Given: LeaseGiven, dhcpd.Renewed: LeaseRenewed, dhcpd.Released: LeaseReleased,
		dhcpd.Declined: LeaseDeclined, dhcpd.Expired: LeaseExpired, dhcpd.Refused: LeaseRefused,
	}[c]
	g.tell(Event{Kind: kind, Lease: Lease(l)})
}

// URL returns what to give a client that is to use the forward: http or https
// where the board's port is known for it, else the network's name.
func (c ForwardConfig) URL() string {
	scheme := c.Network
	if scheme == "tcp" {
		switch c.To.Port {
		case 80, 8000, 8080:
			scheme = "http"
		case 443, 8443:
			scheme = "https"
		}
	}
	listen := c.Listen
	if listen.Addr().IsUnspecified() {
		// Every address of the host includes this one.
		listen = netip.AddrPortFrom(loopback, listen.Port())
	}
	return scheme + "://" + listen.String()
}
