package tcp

// prr is proportional rate reduction (RFC 6937, with the bound of its successor): in
// recovery it says how much may be sent for what each ACK tells was delivered, so that
// the window shrinks over a round trip instead of at once.
type prr struct {
	delivered  uint32 // since recovery began
	out        uint32 // sent since
	recoverFS  uint32 // in flight when it began
	congestion uint32 // the window
}

func (p *prr) start(inFlight int) {
	*p = prr{recoverFS: uint32(max(inFlight, 1))}
}

// acked sets the window after an ACK in recovery. threshold is the window to come out
// with; progress tells that the ACK moved SND.UNA and that nothing more was lost, and
// partial that it asks for a retransmission (RFC 6582).
func (p *prr) acked(delivered, pipe, threshold, mss int, progress, partial bool) {
	p.delivered += uint32(delivered)
	var send int
	if pipe > threshold {
		send = int((uint64(p.delivered)*uint64(threshold)+uint64(p.recoverFS)-1)/uint64(p.recoverFS)) - int(p.out)
	} else {
		limit := max(int(p.delivered)-int(p.out), delivered)
		if progress {
			limit += mss
		}
		send = min(threshold-pipe, limit)
	}
	if p.out == 0 || partial {
		send = max(send, mss) // a fast retransmission always goes
	}
	p.congestion = uint32(pipe + max(send, 0))
}

func (p *prr) sent(n int) { p.out += uint32(n) }

// cwnd returns what may be in flight.
func (c *Conn) cwnd() int {
	if c.is(recovering) && c.tx.flight.Observer == nil {
		return int(c.tx.prr.congestion)
	}
	return c.tx.congested.Window()
}
