package gateway

import (
	"errors"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

// A datagramForward is the near side of flows to a board: a socket of the host.
type datagramForward struct {
	g      *Gateway
	config ForwardConfig
	socket int
	host   netdev.PacketNetdever
}

func (g *Gateway) forwardDatagrams(fd int, c ForwardConfig) error {
	packets, ok := netdev.As[netdev.PacketNetdever](g.host)
	if !ok {
		g.host.Close(fd)
		return netdev.ErrNotSupported
	}
	f := &datagramForward{g: g, config: c, socket: fd, host: packets}
	table := g.newFlows(g.stack, &g.udpForwards, f)
	return g.run(socket{g.host, fd}, func() {
		defer table.close()
		buf := make([]byte, maxDatagram)
		for {
			n, from, err := packets.RecvFrom(fd, buf, 0, time.Time{})
			switch {
			case err == nil:
				table.send(pair{from, c.Listen}, buf[:n])
			case errors.Is(err, netdev.ErrConnRefused):
				// Of an answer that its receiver did not wait for; the socket goes on.
			default:
				return
			}
		}
	})
}

func (f *datagramForward) target(pair) (netip.AddrPort, error) {
	to, ok, _ := f.g.locate(f.config.To)
	if !ok {
		return to, ErrNoLease
	}
	return to, nil
}

func (f *datagramForward) answer(p pair, payload []byte) error {
	_, err := f.host.SendTo(f.socket, payload, 0, p.from, time.Now().Add(sendWait))
	return err
}

// failed has nobody to tell: a socket cannot send ICMP.
func (f *datagramForward) failed(pair, []byte, error) {}
