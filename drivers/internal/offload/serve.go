package offload

import (
	"errors"
	"io"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

// serve does what is due for k, at most one call of the chip of each kind. It is
// entered and left with the lock, and gives it up during the calls.
func (c *Core) serve(k *socket) {
	if k.state != open {
		c.finish(k)
		return
	}
	moved, blocked := false, false
	switch {
	case k.has(releasing):
		moved = c.release(k, true)
	case k.has(listening):
		moved, blocked = c.serveAccept(k)
	case k.has(dialling) && !k.has(connected) && k.err == nil:
		moved, blocked = c.serveConnect(k)
	default:
		moved, blocked = c.serveSend(k)
		m, b := c.serveRecv(k)
		moved, blocked = moved || m, blocked || b
	}
	switch {
	case k.state != open || moved:
		c.attend(k)
	case blocked:
		c.serveLater(k)
	case k.has(quiet) && c.config.Recheck > 0 && k.wanted() && !k.has(queued):
		k.again = time.Now().Add(c.config.Recheck)
	}
	k.asks++
	c.wake(k, asked)
}

// mustWait reports whether an error of the chip is none: it is to be asked again.
func mustWait(err error) bool {
	return errors.Is(err, netdev.ErrWouldBlock) || errors.Is(err, netdev.ErrInProgress)
}

// live reports whether data may move between k and the chip.
func (k *socket) live() bool {
	if k.id == none || k.has(releasing) {
		return false
	}
	if k.isStream() {
		return k.has(connected) && k.err == nil
	}
	return k.has(bound)
}

// lost reports whether k has given up its socket of the chip, whose number was id,
// during a call: what the call has to say is no longer about k.
func (k *socket) lost(id int) bool { return k.id != id || k.has(releasing) }

// serveSend hands on what Send took. It reports whether something moved, and
// whether there is something that the chip does not take yet.
func (c *Core) serveSend(k *socket) (moved, blocked bool) {
	if !k.live() || k.sendErr != nil && k.isStream() {
		return false, false
	}
	if k.send.Len() == 0 {
		return false, c.serveFIN(k)
	}
	if !k.isStream() {
		return c.serveSendTo(k)
	}
	b := c.buf[:k.send.Peek(c.buf[:min(k.send.Len(), c.config.MaxSegment)])]
	id := k.id
	c.unlock()
	n, err := c.chip.Send(id, b)
	c.mu.Lock()
	if k.lost(id) {
		return false, false
	}
	if n = min(max(n, 0), len(b)); n > 0 {
		k.send.Drop(c.pool, n)
		c.released()
		c.wake(k, writable)
	}
	if err == nil || mustWait(err) {
		return n > 0, n < len(b)
	}
	c.failSend(k, err)
	return true, false
}

// serveFIN tells the chip that nothing more comes.
func (c *Core) serveFIN(k *socket) (blocked bool) {
	if c.half == nil || !k.isStream() || !k.has(shutWrite) || k.has(finSent) {
		return false
	}
	k.flags |= finSent
	id := k.id
	c.unlock()
	err := c.half.CloseWrite(id)
	c.mu.Lock()
	if k.lost(id) {
		return false
	}
	switch {
	case mustWait(err):
		k.flags &^= finSent
		return true
	case err != nil:
		c.failSend(k, err)
	}
	return false
}

// failSend ends the sending of a stream. What the peer sent before can still be
// received, if the chip has it.
func (c *Core) failSend(k *socket, err error) {
	k.sendErr = err
	k.send.Free(c.pool)
	c.released()
	k.flags &^= quiet
	if k.has(ended) {
		c.fail(k, err)
	}
	c.wake(k, writable|readable|turn)
}

// blame sets what the calls on k tell of, unless the network went first.
func (k *socket) blame(err error) {
	if k.state != down {
		k.err = err
	}
}

// fail ends a stream.
func (c *Core) fail(k *socket, err error) {
	k.blame(err)
	k.send.Free(c.pool)
	c.released()
	if k.id != none {
		k.flags |= releasing
		c.serveSoon(k)
	}
	c.wake(k, readable|writable|turn)
}

// wanted reports whether somebody wants to know what the chip has for k. Those
// who wait for data will take what is there first, unless there is much.
func (k *socket) wanted() bool {
	return (k.readers > 0 || k.notify != nil || k.has(ask)) && (k.recv.Len() == 0 || k.has(more))
}

// serveRecv fetches what somebody waits for.
func (c *Core) serveRecv(k *socket) (moved, blocked bool) {
	wanted := k.wanted()
	k.flags &^= ask
	c.recheck(k)
	if !wanted || !k.live() || k.err != nil || k.has(ended|shutRead|quiet) {
		return false, false
	}
	room := c.recvRoom(k)
	switch {
	case room <= 0:
		return false, false
	case k.isStream():
		moved = c.serveRecvStream(k, min(room, c.config.MaxSegment))
	default:
		moved = c.serveRecvFrom(k)
	}
	return moved, k.wanted() && !k.has(quiet)
}

func (c *Core) serveRecvStream(k *socket, most int) (moved bool) {
	id, signals := k.id, k.signals
	reserved := c.config.blocks(most)
	c.reserved += reserved
	c.unlock()
	n, err := c.chip.Recv(id, c.buf[:most])
	c.mu.Lock()
	c.reserved -= reserved
	if n = min(max(n, 0), most); n > 0 && k.state == open && !k.has(shutRead|releasing) {
		k.recv.Append(c.pool, c.buf[:n])
		c.wake(k, readable)
	}
	c.released()
	if k.lost(id) {
		return false
	}
	k.set(more, n == most)
	switch {
	case err == nil && n > 0:
		return true
	case err == nil || mustWait(err):
		c.hush(k, signals)
		return n > 0
	case err == io.EOF && k.sendErr == nil:
		k.flags |= ended
		c.wake(k, readable)
	case err == io.EOF:
		// What broke the sending was no FIN.
		c.fail(k, k.sendErr)
	default:
		c.fail(k, err)
	}
	return true
}

// serveAccept fetches connections, as many as there are calls that wait for one.
func (c *Core) serveAccept(k *socket) (moved, blocked bool) {
	want := k.readers
	if want == 0 && k.wanted() {
		want = 1
	}
	k.flags &^= ask
	c.recheck(k)
	if k.id == none || k.err != nil || len(k.pending) >= min(want, k.backlog) || k.has(quiet) {
		return false, false
	}
	idle := k.readers == 0
	id, signals := k.id, k.signals
	c.unlock()
	conn, peer, err := c.chip.Accept(id)
	c.mu.Lock()
	switch {
	case err == nil:
		n := c.accepted(k, conn, peer)
		if k.id != id || k.state != open {
			n.flags |= resetting
			c.close(n)
			return false, false
		}
		n.set(stale, idle)
		k.pending = append(k.pending, n)
		c.wake(k, readable)
		return true, false
	case k.id != id:
		return false, false
	case mustWait(err):
		c.hush(k, signals)
		return false, k.wanted() && !k.has(quiet)
	}
	c.fail(k, err)
	return true, false
}

// hush remembers that the chip had nothing for k, and will say when it has: unless
// it has done so since signals.
func (c *Core) hush(k *socket, signals uint32) {
	k.set(quiet, !c.config.Polled && k.signals == signals)
	if c.config.Recheck > 0 {
		k.hushed = time.Now()
	}
}

// recheck doubts a silence that has lasted long.
func (c *Core) recheck(k *socket) {
	if c.config.Recheck > 0 && k.has(quiet) && time.Since(k.hushed) >= c.config.Recheck {
		k.flags &^= quiet
	}
}

// accepted makes a socket of a connection of the chip.
func (c *Core) accepted(l *socket, conn int, peer netip.AddrPort) *socket {
	n := newSocket(l.kind, &c.config)
	n.flags = connected
	n.local = netip.AddrPortFrom(c.self(), l.local.Port())
	n.remote = unmap(peer)
	c.own(n, conn)
	c.all = append(c.all, n)
	return n
}

func unmap(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}
