package gateway

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

// The ports that the gateway keeps to itself.
const (
	dnsPort  = 53
	dhcpPort = 67
)

const backlog = 128

// bind returns a bound socket of dev.
func bind(dev netdev.Netdever, stype int, addr netip.AddrPort) (int, error) {
	domain := netdev.AF_INET
	if addr.Addr().Is6() {
		domain = netdev.AF_INET6
	}
	fd, err := dev.Socket(domain, stype, 0)
	if err != nil {
		return -1, err
	}
	if stype == netdev.SOCK_STREAM {
		// On Linux this lets a port be used whose last connections are in
		// TIME-WAIT. A device that has no such option has no need of it either.
		dev.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_REUSEADDR, true)
	}
	if err = dev.Bind(fd, addr); err == nil && stype == netdev.SOCK_STREAM {
		err = dev.Listen(fd, backlog)
	}
	if err != nil {
		dev.Close(fd)
		return -1, err
	}
	return fd, nil
}

func (g *Gateway) serveDHCP() error {
	fd, err := bind(g.stack, netdev.SOCK_DGRAM, netip.AddrPortFrom(netip.IPv4Unspecified(), dhcpPort))
	if err == nil {
		err = g.stack.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_BROADCAST, true)
	}
	if err != nil {
		return fmt.Errorf("gateway: DHCP server: %w", err)
	}
	buf := make([]byte, maxDatagram)
	return g.serve(fd, func() {
		for {
			n, _, err := arrived{g.stack}.RecvFrom(fd, buf, 0, time.Time{})
			if err != nil {
				return
			}
			if reply, to := g.dhcp.Handle(time.Now(), buf[:n]); reply != nil {
				// Who does not get an answer asks again.
				g.stack.SendTo(fd, reply, 0, to, time.Time{})
			}
		}
	})
}

func (g *Gateway) serveDNS() error {
	addr := netip.AddrPortFrom(g.config.Addr, dnsPort)
	udp, err := bind(g.stack, netdev.SOCK_DGRAM, addr)
	if err != nil {
		return fmt.Errorf("gateway: DNS server: %w", err)
	}
	if err := g.serve(udp, func() { g.dns.ServeUDP(g.ctx, arrived{g.stack}, udp, g.wg.Go) }); err != nil {
		return err
	}
	tcp, err := bind(g.stack, netdev.SOCK_STREAM, addr)
	if err == nil {
		err = g.stack.SetNonblock(tcp, true)
	}
	if err != nil {
		return fmt.Errorf("gateway: DNS server: %w", err)
	}
	return g.serve(tcp, func() { g.dns.ServeTCP(g.ctx, g.stack, tcp, g.wg.Go) })
}
