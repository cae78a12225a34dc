package offload

import (
	"errors"
	"net/netip"
	"runtime"
	"sync"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/internal/block"
)

// errCancelled is for inside: the context of the call is done.
var errCancelled = errors.New("context done")

// A Core owns a [Chip]: its goroutine makes all calls of it. The goroutine begins
// with the first thing to do, and sleeps in Chip.Idle where there is nothing.
//
// Its methods may be called from any goroutine, the chip's included, except
// [Core.Do], [Core.With] and [Core.Stop], which wait for the chip's goroutine. On
// that one the methods of [Sockets] must not be called either.
type Core struct {
	config Config
	chip   Chip
	half   HalfCloser // nil where the chip is none; as the two below
	namer  Namer
	opts   Optioner
	nudge  chan struct{} // Idle's wake

	mu      sync.Mutex
	running bool // the goroutine
	stopped bool
	ended   chan struct{} // closed when the goroutine has returned for good
	stopBy  time.Time
	up      bool
	addr    netip.Addr

	table table
	all   []*socket // with what the chip has something for, or a descriptor
	ids   []*socket // by the chip's number

	readyFirst, readyLast *socket
	jobFirst, jobLast     *job
	parked                *job // those that wait for the chip to close a socket

	pool     *block.Pool
	reserved int  // blocks for what a call of the chip may bring
	hungry   bool // somebody waits for memory
	buf      []byte

	idle  *waiter
	idles int

	announcedFirst, announcedLast *socket
	announcing                    *socket
	returned                      sync.Cond
}

// New returns the sockets of a chip, and what owns it. There is no traffic with
// the chip before the first use.
func New(config Config) (*Sockets, *Core) {
	config = config.withDefaults()
	c := &Core{
		config: config, chip: config.Chip,
		nudge: make(chan struct{}, 1),
		ended: make(chan struct{}),
		table: newTable(config.Sockets),
		pool:  block.NewPool(block.Config{BlockSize: config.BlockSize, Blocks: config.Blocks}),
		buf:   make([]byte, max(config.MaxSegment, config.MaxDatagram)),
	}
	c.half, _ = c.chip.(HalfCloser)
	c.namer, _ = c.chip.(Namer)
	c.opts, _ = c.chip.(Optioner)
	c.returned.L = &c.mu
	return &Sockets{core: c}, c
}

// kick has the goroutine look for work.
func (c *Core) kick() {
	if !c.running {
		if c.stopped {
			return
		}
		c.running = true
		go c.run()
	}
	signal(c.nudge)
}

func (c *Core) run() {
	c.mu.Lock()
	for {
		select {
		case <-c.nudge:
		default:
		}
		now := time.Now()
		c.due(now)
		worked := c.work()
		if c.stopped && c.quiescent(now) {
			c.mu.Unlock()
			close(c.ended)
			return
		}
		d := time.Duration(0)
		if !worked {
			d = c.rest()
		}
		c.unlock()
		if worked {
			// Where goroutines are not preempted those that were woken go on here.
			runtime.Gosched()
		}
		c.chip.Idle(c.nudge, d)
		c.mu.Lock()
	}
}

// work does one thing of each kind, so that none of them waits for all of another.
func (c *Core) work() bool {
	worked := c.closeFirst()
	if j := c.nextJob(); j != nil {
		c.runJob(j)
		worked = true
	}
	if k := c.readyFirst; k != nil {
		c.unqueue(k)
		c.serve(k)
		worked = true
	}
	return worked
}

// closeFirst closes what was given back, before a job looks for a socket or a port.
func (c *Core) closeFirst() (worked bool) {
	for i := 0; i < len(c.all); {
		k := c.all[i]
		if !k.has(queued) || k.state == open && !k.has(releasing) || c.flushing(k) {
			i++
			continue
		}
		c.unqueue(k)
		c.serve(k)
		i, worked = 0, true
	}
	return worked
}

// unqueue takes k from those to be served.
func (c *Core) unqueue(k *socket) {
	k.flags &^= queued
	var before *socket
	for o := c.readyFirst; o != k; o = o.next {
		before = o
	}
	if before == nil {
		c.readyFirst = k.next
	} else {
		before.next = k.next
	}
	if c.readyLast == k {
		c.readyLast = before
	}
	k.next = nil
}

// serveSoon puts k at the end of those that the chip is asked for.
func (c *Core) serveSoon(k *socket) {
	k.again = time.Time{}
	if k.has(queued) {
		return
	}
	k.flags |= queued
	if c.readyLast == nil {
		c.readyFirst = k
	} else {
		c.readyLast.next = k
	}
	c.readyLast = k
	c.kick()
}

// attend is serveSoon where something has happened: asking begins anew.
func (c *Core) attend(k *socket) {
	k.wait = 0
	c.serveSoon(k)
}

// serveLater has the chip asked for k again after a while, which grows.
func (c *Core) serveLater(k *socket) {
	if k.has(queued) {
		return
	}
	most := c.config.PollMax
	if !c.config.Polled {
		most *= 16
	}
	if k.wait = min(2*k.wait, most); k.wait == 0 {
		k.wait = c.config.PollMin
	}
	k.again = time.Now().Add(k.wait)
}

// due has those served whose time has come.
func (c *Core) due(now time.Time) {
	for _, k := range c.all {
		if !k.again.IsZero() && !k.again.After(now) {
			c.serveSoon(k)
		}
	}
}

// rest returns how long there is nothing to do, negative for no end.
func (c *Core) rest() time.Duration {
	d := time.Duration(-1)
	now := time.Now()
	for _, k := range c.all {
		if !k.again.IsZero() {
			if left := max(0, k.again.Sub(now)); d < 0 || left < d {
				d = left
			}
		}
	}
	return d
}

// Signal tells that the socket id of the chip may have gained something: data, a
// connection, its end, room.
func (c *Core) Signal(id int) {
	c.mu.Lock()
	if k := c.socketOf(id); k != nil {
		k.signals++
		k.flags &^= quiet
		c.attend(k)
	}
	c.mu.Unlock()
}

// socketOf returns what has that number of the chip's, or nil.
func (c *Core) socketOf(id int) *socket {
	if id < 0 || id >= len(c.ids) {
		return nil
	}
	return c.ids[id]
}

// own gives k a socket of the chip.
func (c *Core) own(k *socket, id int) {
	for id >= len(c.ids) {
		c.ids = append(c.ids, nil)
	}
	c.ids[id] = k
	k.id = id
	k.flags &^= quiet
}

// forget takes the chip's socket from k.
func (c *Core) forget(k *socket) {
	if k.id != none {
		if c.ids[k.id] == k {
			c.ids[k.id] = nil
		}
		k.id = none
	}
}

// drop takes k out of what there is.
func (c *Core) drop(k *socket) {
	k.again = time.Time{}
	for i, o := range c.all {
		if o == k {
			last := len(c.all) - 1
			copy(c.all[i:], c.all[i+1:])
			c.all[last] = nil
			c.all = c.all[:last]
			return
		}
	}
}

// Stop ends the chip's goroutine and fails all sockets with ErrNetDown, for ever.
// The chip's sockets are closed, as far as that takes no longer than a second.
func (c *Core) Stop() {
	c.mu.Lock()
	if c.stopped {
		c.mu.Unlock()
		<-c.ended
		return
	}
	c.stopped = true
	c.up = false
	c.failAll(netdev.ErrNetDown)
	for j := c.nextJob(); j != nil; j = c.nextJob() {
		j.finish(netdev.ErrNetDown)
	}
	for j := c.parked; j != nil; j = j.next {
		j.finish(netdev.ErrNetDown)
	}
	c.parked = nil
	if !c.running {
		close(c.ended)
	} else {
		c.stopBy = time.Now().Add(time.Second)
		c.kick()
	}
	c.unlock()
	<-c.ended
}
