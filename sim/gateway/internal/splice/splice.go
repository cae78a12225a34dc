package splice

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/netdev-go/netdev"
)

// A direction holds idleBuffer bytes while little is going on and one of bulk
// bytes while there is much, beside what the two devices hold.
const (
	idleBuffer = 4 << 10
	bulkBuffer = 64 << 10
)

var bulk = sync.Pool{New: func() any { return new([bulkBuffer]byte) }}

// errNoShutdown is not told: it has both ends closed in order.
var errNoShutdown = errors.New("splice: the device cannot shut down one direction")

// An End is a connected stream of a device.
type End struct {
	Device netdev.Netdever
	Fd     int

	// Reset resets the connection and closes Fd. Where it is nil, or fails, Fd is
	// closed after SO_LINGER was set to 0.
	Reset func(fd int) error
}

// Abort resets the connection, as far as the device can.
func (e End) Abort() {
	if e.Reset != nil && e.Reset(e.Fd) == nil {
		return
	}
	// A device that has no SO_LINGER closes in order, which is all it can do.
	e.Device.SetSockOpt(e.Fd, netdev.SOL_SOCKET, netdev.SO_LINGER, 0)
	e.Device.Close(e.Fd)
}

// A Pipe joins two ends. AB and BA count bytes as they are taken by the far end.
type Pipe struct {
	A, B   End
	AB, BA *atomic.Uint64

	abort sync.Once
	done  chan struct{} // closed when one direction is all that was left, and ended
	err   error
}

// Run carries bytes both ways until both directions have ended, and closes both
// ends. An error of one end resets the other, and is returned; so does the end
// of ctx.
//
// On a device without netdev.Shutdowner the end of one direction is the end of
// the connection.
func (p *Pipe) Run(ctx context.Context) error {
	p.done = make(chan struct{})
	stop := context.AfterFunc(ctx, func() { p.fail(ctx.Err()) })
	var left atomic.Int32
	left.Store(2)
	var wg sync.WaitGroup
	for _, d := range []struct {
		src, dst End
		count    *atomic.Uint64
	}{{p.A, p.B, p.AB}, {p.B, p.A, p.BA}} {
		wg.Go(func() {
			err := pump(d.src, d.dst, d.count)
			if left.Add(-1) == 0 {
				close(p.done)
			} else if err == nil {
				err = watch(d.src, p.done)
			}
			if err != nil {
				p.fail(err)
			}
		})
	}
	wg.Wait()
	stop()
	p.fail(nil)
	return p.err
}

// fail ends the connection, if it has not ended yet: in order with nil, which
// Run says at its end.
func (p *Pipe) fail(err error) {
	p.abort.Do(func() {
		if err == nil || err == errNoShutdown {
			p.A.Device.Close(p.A.Fd)
			p.B.Device.Close(p.B.Fd)
			return
		}
		p.err = err
		p.A.Abort()
		p.B.Abort()
	})
}

// pump carries bytes until src has no more, and tells dst so.
func pump(src, dst End, count *atomic.Uint64) error {
	small := make([]byte, idleBuffer)
	buf := small
	var large *[bulkBuffer]byte
	release := func() {
		if large != nil {
			bulk.Put(large)
			large, buf = nil, small
		}
	}
	defer release()
	for {
		n, err := src.Device.Recv(src.Fd, buf, 0, time.Time{})
		if n > 0 {
			sent, err := dst.Device.Send(dst.Fd, buf[:n], 0, time.Time{})
			count.Add(uint64(max(sent, 0)))
			if err != nil {
				return err
			}
		}
		switch {
		case err == io.EOF:
			release() // the watch may be long
			return shutdown(dst)
		case err != nil:
			return err
		case n <= 0:
			return io.ErrNoProgress
		case n == len(small) && large == nil:
			large = bulk.Get().(*[bulkBuffer]byte)
			buf = large[:]
		case n < len(small):
			release()
		}
	}
}

func shutdown(e End) error {
	s, ok := netdev.As[netdev.Shutdowner](e.Device)
	if !ok {
		return errNoShutdown
	}
	return s.Shutdown(e.Fd, netdev.SHUT_WR)
}

// watch waits for the end of the connection, or for a reset by an end that has
// said all it had to say, which nobody would otherwise hear of until there is
// something to send to it.
func watch(e End, done <-chan struct{}) error {
	poller, ok := netdev.As[netdev.Poller](e.Device)
	if !ok {
		return nil
	}
	changed := make(chan struct{}, 1)
	if err := poller.PollNotify(e.Fd, func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}); err != nil {
		return nil // closed meanwhile
	}
	for {
		events, err := poller.Poll(e.Fd)
		if err != nil {
			return nil
		}
		if events&netdev.PollErr != 0 {
			return netdev.ErrConnReset
		}
		select {
		case <-changed:
		case <-done:
			return nil
		}
	}
}
