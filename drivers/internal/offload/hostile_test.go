package offload_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// A chip that is slow, takes little, says again and again that it cannot, and
// loses all of its sockets now and then: no call is late, no byte is wrong, and
// the end of a connection has its right name.
func TestHostileChip(t *testing.T) {
	for seed := range uint64(40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { hostile(t, seed) })
		})
	}
}

func hostile(t *testing.T, seed uint64) {
	rnd := rand.New(rand.NewPCG(seed, 1))
	config := offload.Config{Polled: seed%2 == 0, Sockets: 8, Rand: func() uint64 { return rnd.Uint64() }}
	if seed%3 == 0 {
		config.SendBuffer, config.RecvBuffer, config.MaxSegment = 300, 300, 64
	}
	chip, dev := newFake(t, config)
	chip.most = 8
	var resets atomic.Int32
	dice := rand.New(rand.NewPCG(seed, 2)) // the chip's goroutine alone has it
	storm := 0
	chip.on(func(call string, id int) error {
		switch n := dice.IntN(1000); {
		case n < 2 && seed%4 != 0:
			resets.Add(1)
			chip.reset()
			return netdev.ErrNetDown
		case n < 50:
			time.Sleep(time.Duration(dice.IntN(200)) * time.Millisecond)
		case n < 60:
			storm = dice.IntN(50)
		}
		if storm > 0 {
			switch storm--; call {
			case "Recv", "RecvFrom":
				chip.mu.Lock()
				chip.tell(id) // not now, but soon
				chip.mu.Unlock()
				return netdev.ErrWouldBlock
			case "Send", "SendTo":
				return netdev.ErrWouldBlock
			case "Connected":
				return netdev.ErrInProgress
			}
		}
		if call == "Connect" {
			chip.mu.Lock()
			chip.socks[id].echo = true
			chip.socks[id].chunk = dice.IntN(100)
			chip.mu.Unlock()
		}
		if call == "Bind" {
			chip.mu.Lock()
			chip.socks[id].echo = true
			chip.mu.Unlock()
		}
		return nil
	})
	w := &hostileWorker{t: t, dev: dev, resets: &resets}
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			rnd := rand.New(rand.NewPCG(seed, 3+uint64(i)))
			for range 12 {
				if i%3 == 2 {
					w.datagrams(rnd)
				} else {
					w.stream(rnd)
				}
			}
		})
	}
	all.Wait()
	if w.good.Load() == 0 {
		t.Fatal("nothing ever worked")
	}
	time.Sleep(time.Minute) // beyond the end of every flush
	synctest.Wait()
	if n := chip.open(); n != 0 {
		t.Fatalf("the chip still has %d sockets", n)
	}
	before := chip.total()
	time.Sleep(time.Minute)
	if after := chip.total(); after != before {
		t.Fatalf("%d calls of the chip for nobody", after-before)
	}
}

type hostileWorker struct {
	t      *testing.T
	dev    *device
	resets *atomic.Int32
	good   atomic.Int32
}

// limit is a deadline, and the function it returns says whether the call kept it.
func (w *hostileWorker) limit(d time.Duration) (time.Time, func(what string)) {
	end := in(d)
	return end, func(what string) {
		if late := time.Since(end); late > 0 {
			w.t.Errorf("%s returned %v late", what, late)
		}
	}
}

// stream echoes through one connection.
func (w *hostileWorker) stream(rnd *rand.Rand) {
	before := w.resets.Load()
	excused := func(err error) bool {
		return w.resets.Load() != before && (errors.Is(err, netdev.ErrConnReset) || errors.Is(err, netdev.ErrNetDown))
	}
	fd, err := w.dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
	if err != nil {
		if !excused(err) && !errors.Is(err, netdev.ErrNoMoreSockets) {
			w.t.Errorf("Socket: %v", err)
		}
		return
	}
	defer w.dev.Close(fd)
	if err := w.dev.Connect(fd, "", peerAddr); err != nil {
		if !excused(err) {
			w.t.Errorf("Connect: %v", err)
		}
		return
	}
	data := pattern(1 + rnd.IntN(4000))
	sent := make(chan error, 1)
	go func() {
		for rest := data; len(rest) > 0; {
			end, kept := w.limit(time.Duration(1+rnd.IntN(100)) * time.Millisecond)
			n, err := w.dev.Send(fd, rest, 0, end)
			kept("Send")
			if rest = rest[n:]; err != nil && !errors.Is(err, netdev.ErrTimeout) {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	var got []byte
	buf := make([]byte, 500)
	for len(got) < len(data) {
		end, kept := w.limit(50 * time.Millisecond)
		n, err := w.dev.Recv(fd, buf, 0, end)
		kept("Recv")
		got = append(got, buf[:n]...)
		if err != nil && !errors.Is(err, netdev.ErrTimeout) {
			if !excused(err) {
				w.t.Errorf("Recv: %v", err)
			}
			break
		}
	}
	if !bytes.HasPrefix(data, got) {
		w.t.Error("bytes came back that were not sent so")
	}
	if err := <-sent; err != nil && !excused(err) {
		w.t.Errorf("Send: %v", err)
	}
	if len(got) == len(data) {
		w.good.Add(1)
	}
}

// datagrams sends some and looks at what comes back.
func (w *hostileWorker) datagrams(rnd *rand.Rand) {
	before := w.resets.Load()
	fd, err := w.dev.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)
	if err != nil {
		return
	}
	defer w.dev.Close(fd)
	for i := range 5 {
		to := netip.AddrPortFrom(peerAddr.Addr(), uint16(1000+i))
		data := pattern(rnd.IntN(1472))
		end, kept := w.limit(time.Duration(1+rnd.IntN(500)) * time.Millisecond)
		_, err := w.dev.SendTo(fd, data, 0, to, end)
		kept("SendTo")
		if errors.Is(err, netdev.ErrTimeout) {
			continue
		}
		if err == nil {
			end, kept = w.limit(time.Minute)
			buf := make([]byte, 2000)
			var n int
			var from netip.AddrPort
			n, from, err = w.dev.RecvFrom(fd, buf, 0, end)
			kept("RecvFrom")
			if err == nil && (from != to || !bytes.Equal(buf[:n], data)) {
				w.t.Errorf("RecvFrom: %d bytes from %v, want %d from %v", n, from, len(data), to)
			}
		}
		if err != nil {
			if w.resets.Load() == before || !errors.Is(err, netdev.ErrNetDown) {
				w.t.Errorf("SendTo or RecvFrom: %v", err)
			}
			return
		}
	}
	w.good.Add(1)
}
