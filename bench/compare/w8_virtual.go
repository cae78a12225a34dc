package main

import (
	"bytes"
	"container/heap"
	"errors"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack"
)

// A boardWorld is two stacks on a cable, in one goroutine, and a time that jumps from
// one event to the next.
type boardWorld struct {
	now   time.Time
	delay time.Duration
	queue boardEvents
	order int
	ends  [2]boardEnd
}

// A boardEvent is a frame that arrives or a timer that goes off.
type boardEvent struct {
	at    time.Time
	order int
	frame []byte
	to    *boardEnd
	timer *boardTimer
	set   int // how often the timer had been set
}

type boardEvents []boardEvent

func (q boardEvents) Len() int { return len(q) }
func (q boardEvents) Less(i, j int) bool {
	return q[i].at.Before(q[j].at) || q[i].at.Equal(q[j].at) && q[i].order < q[j].order
}
func (q boardEvents) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *boardEvents) Push(x any)   { *q = append(*q, x.(boardEvent)) }
func (q *boardEvents) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}

func newBoardWorld(delay time.Duration) *boardWorld {
	w := &boardWorld{now: time.Unix(1, 0), delay: delay}
	for i := range w.ends {
		w.ends[i] = boardEnd{w: w, number: byte(i)}
	}
	return w
}

// open returns the stack at an end.
func (w *boardWorld) open(end int, c stack.Config) (*stack.Stack, error) {
	c.Address, c.Clock = netip.PrefixFrom(w.ends[end].addr(), 24), w
	s, err := stack.New(&w.ends[end], c)
	if err != nil {
		return nil, err
	}
	return s, s.NetConnect(nil)
}

// connect has board listen and host dial.
func (w *boardWorld) connect(board, host *stack.Stack) (fb, fh int, err error) {
	l, err := board.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
	if err == nil {
		err = board.Bind(l, netip.AddrPortFrom(w.ends[0].addr(), 7))
	}
	if err == nil {
		err = board.Listen(l, 1)
	}
	if err == nil {
		err = board.SetNonblock(l, true)
	}
	if err != nil {
		return 0, 0, err
	}
	if fh, err = host.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0); err == nil {
		err = host.SetNonblock(fh, true)
	}
	if err == nil {
		err = host.Connect(fh, "", netip.AddrPortFrom(w.ends[0].addr(), 7))
	}
	if !errors.Is(err, netdev.ErrInProgress) {
		return 0, 0, err
	}
	for {
		fb, _, err = board.Accept(l)
		if !errors.Is(err, netdev.ErrWouldBlock) {
			return fb, fh, err
		}
		if !w.step() {
			return 0, 0, errors.New("no connection")
		}
	}
}

// step goes on to the next event, and reports whether there was one.
func (w *boardWorld) step() bool {
	if len(w.queue) == 0 {
		return false
	}
	e := heap.Pop(&w.queue).(boardEvent)
	w.now = e.at
	switch {
	case e.timer == nil:
		if e.to.handler != nil {
			e.to.handler(e.frame)
		}
	case e.timer.set == e.set:
		e.timer.set++
		e.timer.f()
	}
	return true
}

func (w *boardWorld) push(e boardEvent) {
	w.order++
	e.order = w.order
	heap.Push(&w.queue, e)
}

// Now and AfterFunc make it a stack.Clock.
func (w *boardWorld) Now() time.Time { return w.now }

func (w *boardWorld) AfterFunc(d time.Duration, f func()) stack.Timer {
	t := &boardTimer{w: w, f: f}
	t.Reset(d)
	return t
}

type boardTimer struct {
	w   *boardWorld
	f   func()
	set int
}

func (t *boardTimer) Reset(d time.Duration) bool {
	t.set++
	t.w.push(boardEvent{at: t.w.now.Add(max(d, 0)), timer: t, set: t.set})
	return true
}

func (t *boardTimer) Stop() bool {
	t.set++
	return true
}

// A boardEnd is the device of one of the stacks.
type boardEnd struct {
	w       *boardWorld
	number  byte
	handler func([]byte)
}

func (d *boardEnd) addr() netip.Addr { return netip.AddrFrom4([4]byte{10, 0, 0, 1 + d.number}) }

func (d *boardEnd) HardwareAddr6() ([6]byte, error)        { return [6]byte{2, 0, 0, 0, 0, 1 + d.number}, nil }
func (d *boardEnd) SetEthRecvHandler(h func([]byte))       { d.handler = h }
func (d *boardEnd) EthPoll([]byte) (off, n int, err error) { return 0, 0, nil }
func (d *boardEnd) MaxFrameSizeAndOffset() (max, off int)  { return 1514, 0 }

func (d *boardEnd) SendOffsetEthFrame(frame []byte) error {
	d.w.push(boardEvent{at: d.w.now.Add(d.w.delay), frame: bytes.Clone(frame), to: &d.w.ends[1-d.number]})
	return nil
}
