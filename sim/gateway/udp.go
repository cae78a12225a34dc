package gateway

import "net/netip"

// forwardUDP takes a datagram of a board to the world, in the stack's receive
// path.
func (g *Gateway) forwardUDP(from, to netip.AddrPort, payload []byte) {
	if !g.config.Prefix.Contains(from.Addr()) {
		g.udp.dropped.Add(1) // nobody could be answered there
		return
	}
	g.out.send(pair{from, to}, payload)
}

// The near side of flows to the world is the boards.

func (g *Gateway) target(p pair) (netip.AddrPort, error) { return g.outside(p.to) }

func (g *Gateway) answer(p pair, payload []byte) error {
	return g.stack.SendUDPFrom(p.to, p.from, payload)
}

func (g *Gateway) failed(p pair, payload []byte, err error) {
	g.stack.SendUnreachable(p.from, p.to, payload, refusal(err))
}
