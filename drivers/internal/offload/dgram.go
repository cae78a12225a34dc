package offload

import (
	"encoding/binary"
	"net/netip"

	"github.com/netdev-go/netdev"
)

// A record in the queue of a datagram socket begins with the length of the
// payload and the other end's address.
const recordLen = 2 + 2 + 16

type record [recordLen]byte

func newRecord(n int, peer netip.AddrPort) (r record) {
	binary.LittleEndian.PutUint16(r[:], uint16(n))
	binary.LittleEndian.PutUint16(r[2:], peer.Port())
	a := peer.Addr().As16()
	copy(r[4:], a[:])
	return r
}

func (r *record) len() int { return int(binary.LittleEndian.Uint16(r[:])) }

func (r *record) peer() netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom16([16]byte(r[4:])).Unmap(), binary.LittleEndian.Uint16(r[2:]))
}

// putDatagram takes a datagram to be sent.
func (c *Core) putDatagram(k *socket, b []byte, to netip.AddrPort) error {
	if len(b) > c.config.MaxDatagram {
		return netdev.ErrMessageTooLong
	}
	if !c.sendRoom(k, len(b)) {
		return netdev.ErrWouldBlock
	}
	r := newRecord(len(b), to)
	k.send.Append(c.pool, r[:])
	k.send.Append(c.pool, b)
	c.attend(k)
	return nil
}

// serveSendTo hands on one datagram.
func (c *Core) serveSendTo(k *socket) (moved, blocked bool) {
	var r record
	k.send.Peek(r[:])
	b := c.buf[:r.len()]
	k.send.PeekAt(recordLen, b)
	id := k.id
	c.unlock()
	err := c.chip.SendTo(id, b, r.peer())
	c.mu.Lock()
	if k.id != id || mustWait(err) {
		return false, k.id == id
	}
	k.send.Drop(c.pool, recordLen+len(b))
	c.released()
	if err != nil {
		// Whoever sends to many learns of it by the next Send alone: a Recv cannot
		// tell which of them is meant.
		if k.remote.IsValid() {
			k.blame(err)
			c.wake(k, readable)
		} else {
			k.sendErr = err
		}
	}
	c.wake(k, writable)
	return true, false
}

// serveRecvFrom fetches one datagram, and drops that of a stranger.
func (c *Core) serveRecvFrom(k *socket) (moved bool) {
	id, signals := k.id, k.signals
	reserved := c.config.blocks(recordLen + c.config.MaxDatagram)
	c.reserved += reserved
	c.unlock()
	n, from, err := c.chip.RecvFrom(id, c.buf[:c.config.MaxDatagram])
	c.mu.Lock()
	c.reserved -= reserved
	defer c.released()
	from = unmap(from)
	switch {
	case k.id != id:
		return false
	case mustWait(err):
		c.hush(k, signals)
		return false
	case err != nil:
		k.blame(err)
		c.wake(k, readable|writable)
		return true
	}
	k.flags |= more // the next one, for whoever waits too
	if k.state == open && k.hears(from) {
		n = min(max(n, 0), c.config.MaxDatagram)
		r := newRecord(n, from)
		k.recv.Append(c.pool, r[:])
		k.recv.Append(c.pool, c.buf[:n])
		c.wake(k, readable)
	}
	return true
}

// takeDatagram moves a datagram to buf, and what there is no room for to nowhere.
func (c *Core) takeDatagram(k *socket, buf []byte, flags int) (int, netip.AddrPort, error) {
	if err := c.takeError(k); err != nil {
		return 0, netip.AddrPort{}, err
	}
	if k.recv.Len() == 0 {
		return 0, netip.AddrPort{}, netdev.ErrWouldBlock
	}
	var r record
	k.recv.Peek(r[:])
	n := min(r.len(), len(buf))
	if flags&netdev.MSG_PEEK != 0 {
		k.recv.PeekAt(recordLen, buf[:n])
	} else {
		k.recv.Drop(c.pool, recordLen)
		k.recv.Read(c.pool, buf[:n])
		k.recv.Drop(c.pool, r.len()-n)
		c.released()
		c.dropStrangers(k)
	}
	return n, r.peer(), nil
}

// takeError returns the pending error of a datagram socket and clears it. The chip,
// which is not asked while there is one, is asked again.
func (c *Core) takeError(k *socket) error {
	err := k.err
	if k.err = nil; err != nil {
		c.refill(k)
	}
	return err
}

// dropStrangers drops what comes next of those that k does not hear any more since
// Connect.
func (c *Core) dropStrangers(k *socket) {
	for k.remote.IsValid() && k.recv.Len() > 0 {
		var r record
		k.recv.Peek(r[:])
		if k.hears(r.peer()) {
			return
		}
		k.recv.Drop(c.pool, recordLen+r.len())
		c.released()
	}
}

// hears reports whether a datagram of that sender is for k.
func (k *socket) hears(from netip.AddrPort) bool {
	return !k.remote.IsValid() || k.remote == from
}
