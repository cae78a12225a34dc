package gateway

import (
	"container/list"
	"errors"
	"net/netip"
	"sync"
	"time"

	"github.com/netdev-go/netdev"
)

// sendWait is how long a datagram may hold up others on a device that cannot
// say that it would have to wait.
const sendWait = 10 * time.Millisecond

const maxDatagram = 64 << 10

// datagrams are the buffers of flows: a flood makes and ends many.
var datagrams = sync.Pool{New: func() any { return new([maxDatagram]byte) }}

// A flow is datagrams between two addresses, for which a socket stands that only
// the far one reaches.
type flow struct {
	pair
	fd   int
	last time.Time // of a datagram in either direction; under the table's lock
}

// A pair is who spoke first, and to whom.
type pair struct{ from, to netip.AddrPort }

// An answerer is what is on the near side of flows.
type answerer interface {
	// target is where datagrams of the pair go on the far side.
	target(pair) (netip.AddrPort, error)
	// answer sends what came from the far side, and failed what was told of
	// it, to the one who spoke first.
	answer(pair, []byte) error
	failed(p pair, payload []byte, err error)
}

// flows is a bounded table of them.
type flows struct {
	g      *Gateway
	dev    netdev.Netdever // the far side's
	near   answerer
	count  *flowCounters
	nowait bool // dev knows MSG_DONTWAIT

	mu     sync.Mutex
	byPair map[pair]*list.Element
	used   list.List // of *flow, the latest first
	closed bool
}

func (g *Gateway) newFlows(dev netdev.Netdever, count *flowCounters, near answerer) *flows {
	_, nowait := netdev.As[netdev.Poller](dev)
	return &flows{g: g, dev: dev, near: near, count: count, nowait: nowait, byPair: make(map[pair]*list.Element)}
}

// send has a datagram sent to the far side. It does not wait.
func (t *flows) send(p pair, payload []byte) {
	f, err := t.find(p)
	if err == nil {
		err = t.sendOn(f, payload)
	}
	if errors.Is(err, netdev.ErrConnRefused) {
		// What an earlier datagram met. This one has not been sent.
		t.count.unreachable.Add(1)
		t.near.failed(p, payload, err)
		err = t.sendOn(f, payload)
	}
	switch {
	case err == nil:
		t.count.sent.Add(1)
	case errors.Is(err, netdev.ErrHostUnreachable), errors.Is(err, netdev.ErrNetUnreachable):
		t.count.unreachable.Add(1)
		t.near.failed(p, payload, err)
		fallthrough
	default:
		t.count.dropped.Add(1)
	}
}

func (t *flows) sendOn(f *flow, payload []byte) error {
	if t.nowait {
		_, err := t.dev.Send(f.fd, payload, netdev.MSG_DONTWAIT, time.Time{})
		return err
	}
	_, err := t.dev.Send(f.fd, payload, 0, time.Now().Add(sendWait))
	return err
}

// find returns the pair's flow, a new one where there is none.
func (t *flows) find(p pair) (*flow, error) {
	if f := t.touch(p); f != nil {
		return f, nil
	}
	fd, err := t.open(p)
	if err != nil {
		t.count.failed.Add(1)
		return nil, err
	}
	f := &flow{pair: p, fd: fd, last: time.Now()}
	t.mu.Lock()
	defer t.mu.Unlock()
	if e := t.byPair[p]; e != nil || t.closed {
		t.dev.Close(fd)
		if e == nil {
			return nil, netdev.ErrClosed
		}
		return e.Value.(*flow), nil // another datagram's was first
	}
	if t.used.Len() >= t.g.config.MaxFlows {
		oldest := t.used.Back().Value.(*flow)
		t.remove(oldest)
		t.count.evicted.Add(1)
		t.dev.Close(oldest.fd)
	}
	t.byPair[p] = t.used.PushFront(f)
	t.count.opened.Add(1)
	t.count.active.Add(1)
	t.g.wg.Go(func() { t.receive(f) })
	return f, nil
}

// touch returns the pair's flow, if there is one, and remembers that it was used.
func (t *flows) touch(p pair) *flow {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.byPair[p]
	if e == nil {
		return nil
	}
	t.used.MoveToFront(e)
	f := e.Value.(*flow)
	f.last = time.Now()
	return f
}

func (t *flows) open(p pair) (int, error) {
	target, err := t.near.target(p)
	if err != nil {
		return -1, err
	}
	domain := netdev.AF_INET
	if target.Addr().Is6() {
		domain = netdev.AF_INET6
	}
	fd, err := t.dev.Socket(domain, netdev.SOCK_DGRAM, netdev.IPPROTO_UDP)
	if err != nil {
		return -1, err
	}
	if err := t.dev.Connect(fd, "", target); err != nil {
		t.dev.Close(fd)
		return -1, err
	}
	return fd, nil
}

// remove takes a flow out of the table, if it is still in it; under the lock.
func (t *flows) remove(f *flow) bool {
	e := t.byPair[f.pair]
	if e == nil || e.Value != f {
		return false
	}
	delete(t.byPair, f.pair)
	t.used.Remove(e)
	t.count.active.Add(^uint64(0))
	return true
}

// receive hands on what comes back, until the flow is idle for too long or its
// socket is closed.
func (t *flows) receive(f *flow) {
	whole := datagrams.Get().(*[maxDatagram]byte)
	defer datagrams.Put(whole)
	buf := whole[:]
	for {
		n, err := t.dev.Recv(f.fd, buf, 0, t.deadline(f))
		switch {
		case err == nil:
			t.touch(f.pair)
			if t.near.answer(f.pair, buf[:n]) == nil {
				t.count.received.Add(1)
			} else {
				t.count.dropped.Add(1)
			}
		case errors.Is(err, netdev.ErrConnRefused), errors.Is(err, netdev.ErrHostUnreachable), errors.Is(err, netdev.ErrNetUnreachable):
			t.count.unreachable.Add(1)
			t.near.failed(f.pair, nil, err)
		case errors.Is(err, netdev.ErrTimeout) && time.Now().Before(t.deadline(f)):
			// Used meanwhile.
		default:
			t.end(f, errors.Is(err, netdev.ErrTimeout))
			return
		}
	}
}

func (t *flows) deadline(f *flow) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return f.last.Add(t.g.config.UDPTimeout)
}

func (t *flows) end(f *flow, expired bool) {
	t.mu.Lock()
	removed := t.remove(f)
	t.mu.Unlock()
	if removed {
		if expired {
			t.count.expired.Add(1)
		}
		t.dev.Close(f.fd)
	}
}

// close ends all flows, and there are no others from then on.
func (t *flows) close() {
	t.mu.Lock()
	t.closed = true
	var all []*flow
	for e := t.used.Front(); e != nil; e = e.Next() {
		all = append(all, e.Value.(*flow))
	}
	for _, f := range all {
		t.remove(f)
	}
	t.mu.Unlock()
	for _, f := range all {
		t.dev.Close(f.fd)
	}
}
