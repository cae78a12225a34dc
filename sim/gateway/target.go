package gateway

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/netdev-go/netdev/sim/gateway/internal/dhcpd"
)

// ErrNoLease is why a forward does not reach a board that has no address.
var ErrNoLease = errors.New("gateway: the board has no lease")

// A Target is a port of a board. The board is named by exactly one of Name, MAC
// and Addr.
type Target struct {
	Name string     // the host name that it tells the DHCP server
	MAC  [6]byte    // its hardware address
	Addr netip.Addr // its address, which need not be a lease
	Port uint16
}

// ParseTarget reads text such as "sensor:80", "02:00:00:00:00:01:80" and
// "10.0.2.15:80".
func ParseTarget(text string) (Target, error) {
	i := strings.LastIndexByte(text, ':')
	if i < 0 {
		return Target{}, fmt.Errorf("gateway: target %q, want a board and a port such as sensor:80", text)
	}
	board, number := text[:i], text[i+1:]
	port, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return Target{}, fmt.Errorf("gateway: target %q: %q is no port", text, number)
	}
	t := Target{Port: uint16(port)}
	if addr, err := netip.ParseAddr(board); err == nil {
		t.Addr = addr
	} else if mac, err := net.ParseMAC(board); err == nil && len(mac) == 6 {
		t.MAC = [6]byte(mac)
	} else {
		t.Name = strings.ToLower(board)
	}
	return t, t.validate()
}

// String returns the text that ParseTarget reads as t.
func (t Target) String() string {
	board := t.Name
	switch {
	case t.Addr.IsValid():
		board = t.Addr.String()
	case t.MAC != [6]byte{}:
		board = net.HardwareAddr(t.MAC[:]).String()
	}
	return board + ":" + strconv.Itoa(int(t.Port))
}

func (t Target) validate() error {
	named := 0
	for _, is := range []bool{t.Name != "", t.MAC != [6]byte{}, t.Addr.IsValid()} {
		if is {
			named++
		}
	}
	switch {
	case named != 1:
		return fmt.Errorf("gateway: target %v, want one of a name, a hardware address and an address", t)
	case t.Addr.IsValid() && !t.Addr.Is4():
		return fmt.Errorf("gateway: target %v, want an IPv4 address", t)
	case t.Port == 0:
		return fmt.Errorf("gateway: target %v without a port", t)
	}
	return nil
}

func (t Target) is(l dhcpd.Lease) bool {
	if t.Name != "" {
		return strings.EqualFold(t.Name, l.Name)
	}
	return t.MAC == l.MAC
}

// locate returns where the target is now. Where ok is false it has no lease, and
// changed is closed when another lease is given.
func (g *Gateway) locate(t Target) (addr netip.AddrPort, ok bool, changed <-chan struct{}) {
	if t.Addr.IsValid() {
		return netip.AddrPortFrom(t.Addr, t.Port), true, nil
	}
	l, ok, changed := g.dhcp.Find(time.Now(), t.is)
	return netip.AddrPortFrom(l.Addr, t.Port), ok, changed
}

// await is locate, after a board that is still starting has its lease.
func (g *Gateway) await(t Target) (netip.AddrPort, error) {
	ctx, cancel := context.WithTimeout(g.ctx, g.config.LeaseWait)
	defer cancel()
	for {
		addr, ok, changed := g.locate(t)
		if ok {
			return addr, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return netip.AddrPort{}, ErrNoLease
		}
	}
}
