package main

import (
	"bytes"
	"container/heap"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/stack/tcp"
	"github.com/netdev-go/netdev/stack/tcp/congestion"
)

var lossAlgorithms = map[string]congestion.Algorithm{
	"reno": congestion.NewReno, "cubic": congestion.Cubic, "bbr": congestion.BBR,
}

// lossTape is what is sent, over and over: it has no period that a segment has.
var lossTape = func() []byte {
	tape := make([]byte, tapeLen+chunk)
	r := rand.NewChaCha8([32]byte{6})
	r.Read(tape[:tapeLen])
	copy(tape[tapeLen:], tape)
	return tape
}()

const tapeLen = 1 << 20

// An event is a segment that arrives at an end, or a time at which it has to do something.
type event struct {
	at      time.Duration
	order   int
	to      *lossEnd
	segment []byte
}

type events []event

func (q events) Len() int { return len(q) }
func (q events) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].order < q[j].order
}
func (q events) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *events) Push(x any)   { *q = append(*q, x.(event)) }
func (q *events) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}

// A lossWorld is two engines on the path, and a time that jumps from event to event.
type lossWorld struct {
	now   time.Duration
	queue events
	order int
	dice  *rand.Rand
	spare [][]byte
}

// A lossEnd is an engine and the link away from it.
type lossEnd struct {
	*lossWorld
	e    *tcp.Engine
	addr netip.Addr
	peer *lossEnd
	loss float64
	free time.Duration // when the link has sent what waits
	due  time.Duration // of the engine's deadline, as far as there is an event for it
}

func (w *lossWorld) at(t time.Duration, to *lossEnd, segment []byte) {
	w.order++
	heap.Push(&w.queue, event{t, w.order, to, segment})
}

// send puts what the engine has on the link.
func (s *lossEnd) send() {
	const headers = 14 + 20 // Ethernet and IP
	for {
		var b []byte
		if n := len(s.spare); n > 0 {
			b, s.spare = s.spare[n-1], s.spare[:n-1]
		} else {
			b = make([]byte, 1480)
		}
		n, _ := s.e.Output(s.now, b)
		if n == 0 {
			s.spare = append(s.spare, b)
			break
		}
		s.free = max(s.free, s.now)
		backlog := int((s.free - s.now).Seconds() * lossRate)
		if s.dice.Float64() < s.loss || backlog > 0 && backlog+n+headers > lossQueue {
			s.spare = append(s.spare, b)
			continue
		}
		s.free += time.Duration(float64(n+headers) / lossRate * float64(time.Second))
		s.at(s.free+lossDelay, s.peer, b[:n])
	}
	if at := s.e.Deadline(); at != 0 && (s.due == 0 || at < s.due) {
		s.due = at
		s.at(max(at, s.now), s, nil)
	}
}

// take gives an event to its end.
func (w *lossWorld) take(ev event) {
	w.now = ev.at
	if ev.segment != nil {
		ev.to.e.Input(w.now, ev.to.peer.addr, ev.to.addr, ev.segment)
		w.spare = append(w.spare, ev.segment[:cap(ev.segment)])
	} else if ev.to.due <= w.now {
		ev.to.due = 0
	}
	if at := ev.to.e.Deadline(); at != 0 && at <= w.now {
		ev.to.e.Advance(w.now)
	}
	for c, l := ev.to.e.Woken(); c != nil || l != nil; c, l = ev.to.e.Woken() {
	}
}

func newLossWorld(seed uint64, loss float64) (a, b *lossEnd) {
	w := &lossWorld{now: time.Second, dice: rand.New(rand.NewPCG(seed, 6))}
	ends := [2]*lossEnd{}
	for i := range ends {
		ends[i] = &lossEnd{
			lossWorld: w, addr: netip.AddrFrom4([4]byte{10, 0, 0, byte(1 + i)}),
			e: tcp.New(tcp.Config{
				Pool: block.NewPool(block.Config{BlockSize: 2048, Blocks: 8192}),
				Rand: rand.New(rand.NewPCG(seed, uint64(i))).Uint64,
			}),
		}
	}
	a, b = ends[0], ends[1]
	a.peer, b.peer, a.loss = b, a, loss
	return a, b
}

// lossInVirtualTime does a transfer, every byte of which is compared.
func lossInVirtualTime(r lossRun, algorithm string) (m moved, err error) {
	a, b := newLossWorld(r.seed, r.loss)
	w := a.lossWorld
	o := tcp.Options{Congestion: lossAlgorithms[algorithm], SendBuffer: r.buffer, RecvBuffer: r.buffer}
	to := netip.AddrPortFrom(b.addr, 80)
	l, err := b.e.Listen(to, 1, o)
	if err != nil {
		return m, err
	}
	client, err := a.e.Dial(w.now, netip.AddrPortFrom(a.addr, 50000), to, o)
	if err != nil {
		return m, err
	}
	begin, sent := w.now, 0
	var server *tcp.Conn
	buf := make([]byte, chunk)
	for a.send(); len(w.queue) > 0; {
		ev := heap.Pop(&w.queue).(event)
		if ev.at-begin >= r.limit {
			m.took = r.limit
			if r.buffer > 0 {
				err = fmt.Errorf("%d of %d bytes after %v", m.bytes, r.total, r.limit)
			}
			return m, err
		}
		w.take(ev)
		if err := client.Err(); err != nil {
			return m, err
		}
		for n := 1; n > 0 && sent < r.total && client.State() == tcp.StateEstablished; sent += n {
			n = client.Write(w.now, lossTape[sent%tapeLen:][:min(chunk, r.total-sent)])
			a.send()
		}
		if server == nil {
			server = l.Accept(w.now)
		}
		for n := 1; n > 0 && server != nil; {
			n = server.Read(w.now, buf)
			if !bytes.Equal(buf[:n], lossTape[m.bytes%tapeLen:][:n]) {
				return m, fmt.Errorf("other bytes arrived than were sent, from %d on", m.bytes)
			}
			m.bytes += n
			if w.now-begin <= time.Second {
				m.early = m.bytes
			}
			b.send()
		}
		if m.took = w.now - begin; m.bytes == r.total {
			return m, nil
		}
		ev.to.send()
	}
	return m, errors.New("nothing happens any more")
}
