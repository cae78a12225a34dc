package uart

import (
	"io"
	"runtime"
	"sync/atomic"
	"time"
)

// How a port that is no Waiter is asked: at once a few times, since what is
// awaited is often there already, then after pauses that double. The longest
// pause bounds how many bytes a small receive ring has to hold.
const (
	yields     = 4
	firstPause = 20 * time.Microsecond
	lastPause  = time.Millisecond
)

// A Line is a port with one reader. Its methods are called from one goroutine,
// except Stop.
type Line struct {
	port   Port
	waiter Waiter // nil where the port is none
	timer  *time.Timer

	forwarding bool        // a goroutine turns wakes into interrupts
	woken      atomic.Bool // it has done so, and no Idle has returned since
	stop       chan struct{}
	stopped    atomic.Bool
}

// New returns a Line over p. Nothing is read or written yet.
func New(p Port) *Line {
	l := &Line{port: p, stop: make(chan struct{})}
	l.waiter, _ = p.(Waiter)
	return l
}

// Stop ends the waiting that is under way, and has nobody wait any more. It also
// ends the goroutine behind Idle.
func (l *Line) Stop() {
	if !l.stopped.CompareAndSwap(false, true) {
		return
	}
	close(l.stop)
	if l.waiter != nil {
		l.waiter.Interrupt()
	}
}

// Write sends all of b.
func (l *Line) Write(b []byte) error {
	for len(b) > 0 {
		n, err := l.port.Write(b)
		if err != nil {
			return err
		}
		if n <= 0 || n > len(b) {
			return io.ErrShortWrite
		}
		b = b[n:]
	}
	return nil
}

// Buffered returns how many bytes Read has at once.
func (l *Line) Buffered() int { return l.port.Buffered() }

// Read returns what has arrived already, 0 where nothing has. It does not wait,
// but for an error, so that who asks again lets others run.
func (l *Line) Read(b []byte) (int, error) {
	there := l.port.Buffered()
	if there <= 0 || len(b) == 0 {
		return 0, nil
	}
	n, err := l.port.Read(b[:min(there, len(b))])
	if n <= 0 && err == nil {
		err = io.ErrNoProgress
	}
	if err != nil {
		time.Sleep(lastPause)
	}
	return min(max(n, 0), len(b)), err
}

// Wait returns whether there is something to read, which it waits for until the
// time is there. The zero time does not wait.
func (l *Line) Wait(until time.Time) bool {
	pause := firstPause
	for asked := 0; ; asked++ {
		if l.port.Buffered() > 0 {
			return true
		}
		left := time.Until(until)
		if left <= 0 || l.stopped.Load() {
			return false
		}
		// A waiter may return for nothing, and one that is closed always does.
		switch {
		case asked < yields && l.waiter != nil:
			l.waiter.WaitReadable(left)
		case asked < yields:
			runtime.Gosched()
		default:
			time.Sleep(min(pause, left))
			pause = min(2*pause, lastPause)
		}
	}
}

// Idle waits until there is something to read, until wake has an element, which
// it may take, or until d has passed; a negative d is without end. It returns
// whether there is something to read. wake is the same channel in all calls.
func (l *Line) Idle(wake <-chan struct{}, d time.Duration) bool {
	if l.waiter != nil {
		return l.idleWaiting(wake, d)
	}
	pause := firstPause
	end := time.Now().Add(d)
	for asked := 0; ; asked++ {
		if l.port.Buffered() > 0 {
			return true
		}
		left := time.Until(end)
		if d >= 0 && left <= 0 {
			return false
		}
		if asked < yields {
			select {
			case <-wake:
				return false
			default:
				runtime.Gosched()
				continue
			}
		}
		rest := pause
		if d >= 0 {
			rest = min(rest, left)
		}
		if l.sleep(wake, rest) {
			return l.port.Buffered() > 0
		}
		pause = min(2*pause, lastPause)
	}
}

// sleep returns after d, or earlier and true when it was woken.
func (l *Line) sleep(wake <-chan struct{}, d time.Duration) bool {
	if l.timer == nil {
		l.timer = time.NewTimer(d)
	} else {
		l.timer.Reset(d)
	}
	select {
	case <-l.timer.C:
		return false
	case <-wake:
	case <-l.stop:
	}
	// Before Go 1.23 a timer that fires as it is stopped leaves its element.
	if !l.timer.Stop() {
		select {
		case <-l.timer.C:
		default:
		}
	}
	return true
}

func (l *Line) idleWaiting(wake <-chan struct{}, d time.Duration) bool {
	if !l.forwarding {
		l.forwarding = true
		go l.forward(wake)
	}
	end := time.Now().Add(d)
	for asked := 0; ; asked++ {
		if l.port.Buffered() > 0 {
			return true
		}
		if l.woken.Swap(false) || l.stopped.Load() {
			return false
		}
		left := d
		if d >= 0 {
			if left = time.Until(end); left <= 0 {
				return false
			}
		}
		if asked >= yields {
			time.Sleep(lastPause) // see Wait
		}
		l.waiter.WaitReadable(left)
	}
}

// forward interrupts the port for each wake. An interrupt is kept for the next
// WaitReadable, so that a wake that comes while nobody waits is not lost.
func (l *Line) forward(wake <-chan struct{}) {
	for {
		select {
		case <-wake:
			l.woken.Store(true)
			l.waiter.Interrupt()
		case <-l.stop:
			return
		}
	}
}

// Drain throws away what arrives until the line has been silent for quiet, but
// for no longer than limit. It returns whether there was silence.
func (l *Line) Drain(quiet, limit time.Duration) bool {
	var waste [32]byte
	end := time.Now().Add(limit)
	for {
		until := time.Now().Add(quiet)
		if !l.Wait(until) {
			return true
		}
		for {
			n, err := l.Read(waste[:])
			if err != nil {
				return false
			}
			if n == 0 {
				break
			}
		}
		if !time.Now().Before(end) {
			return false
		}
	}
}
