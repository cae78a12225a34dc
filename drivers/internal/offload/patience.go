package offload

import "time"

// patience is how long a call that must not wait for a peer waits for the chip.
const patience = 50 * time.Millisecond

// askOnce waits until the chip was asked what it has for k, and reports whether it
// was. Where it announces by itself, or is asked all the time, there is no need.
func (c *Core) askOnce(k *socket) bool {
	if k.notify != nil || k.has(quiet) || k.state != open {
		return false
	}
	if !k.has(listening) && (!k.live() || k.err != nil || k.has(ended)) {
		return false
	}
	k.flags |= ask
	asks := k.asks
	c.serveSoon(k)
	return c.waitFor(k, asked, func() bool { return k.asks != asks || k.state != open })
}

// waitReleased waits until the chip has closed the socket of k.
func (c *Core) waitReleased(k *socket) {
	c.waitFor(k, released, func() bool { return k.id == none })
}

func (c *Core) waitFor(k *socket, what uint8, reached func() bool) bool {
	a := attempt{c: c, k: k, what: what}
	if reached() {
		return true
	}
	a.w = c.takeWaiter(what)
	k.enqueue(a.w)
	defer a.end()
	end := time.Now().Add(patience)
	a.w.after(patience)
	for !reached() {
		if !time.Now().Before(end) {
			return false
		}
		a.sleep()
	}
	return true
}
