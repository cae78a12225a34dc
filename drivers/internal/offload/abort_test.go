package offload_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// fated returns the socket of the chip with that local port.
func (c *fakeChip) fated(port uint16) (found *fakeSock) {
	c.with(port, func(s *fakeSock) { found = s })
	return found
}

func (c *fakeChip) wantAborted(tb testing.TB, s *fakeSock) {
	tb.Helper()
	if closed, aborted := c.fate(s); !closed || !aborted {
		tb.Fatalf("closed: %v, aborted: %v", closed, aborted)
	}
}

// A FIN behind bytes that were lost would be a lie.
func TestWhatCannotBeSentEndsInNoFIN(t *testing.T) {
	for _, when := range []string{"before Close", "after Close"} {
		t.Run(when, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				chip, dev := newFake(t, offload.Config{})
				fd, local := connect(t, dev)
				peer := chip.fated(local)
				chip.on(func(call string, id int) error {
					if call == "Send" {
						time.Sleep(time.Second)
						return netdev.ErrConnTimedOut
					}
					return nil
				})
				_, err := dev.Send(fd, []byte("x"), 0, never)
				must(t, err)
				if when == "before Close" {
					pass(time.Minute)
				}
				must(t, dev.Close(fd))
				pass(time.Minute)
				chip.wantAborted(t, peer)
			})
		})
	}
}

func TestWhatDownHasLostEndsInNoFIN(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		fd, local := connect(t, dev)
		peer := chip.fated(local)
		go chip.core.Do(t.Context(), func() error { time.Sleep(time.Second); return nil })
		synctest.Wait()
		_, err := dev.Send(fd, []byte("x"), 0, never)
		must(t, err)
		chip.core.Down(nil)
		must(t, dev.Close(fd))
		pass(time.Minute)
		chip.wantAborted(t, peer)
	})
}

func TestACancelledConnectIsAbortedHoweverSoonCloseComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		var peer *fakeSock
		chip.on(func(call string, id int) error {
			if call == "Connect" {
				chip.mu.Lock()
				peer = chip.socks[id]
				chip.mu.Unlock()
				time.Sleep(time.Second)
			}
			return nil
		})
		fd := stream(t, dev)
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		want(t, "ConnectContext", dev.ConnectContext(ctx, fd, "", peerAddr), context.DeadlineExceeded)
		must(t, dev.Close(fd))
		pass(time.Minute)
		chip.wantAborted(t, peer)
	})
}

// What is closed with abort, and is not done, goes on so.
func TestAnAbortStaysOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		fd, local := connect(t, dev)
		peer := chip.fated(local)
		closes := 0
		chip.on(func(call string, id int) error {
			switch {
			case call == "Recv":
				return netdev.ErrConnReset
			case call == "Close" && closes < 100:
				closes++
				return netdev.ErrInProgress
			}
			return nil
		})
		want(t, "Recv", second(dev.Recv(fd, make([]byte, 1), 0, never)), netdev.ErrConnReset)
		synctest.Wait()
		must(t, dev.Close(fd))
		pass(time.Minute)
		chip.wantAborted(t, peer)
	})
}

// A connection that the chip hands over in that moment is one of those that wait.
func TestAConnectionThatMeetsTheCloseOfItsListenerIsReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		l, local := listen(t, dev, 1)
		peer := &fakeSock{port: 1}
		chip.on(func(call string, id int) error {
			if call == "Accept" {
				time.Sleep(10 * time.Millisecond)
			}
			return nil
		})
		go dev.Accept(l)
		synctest.Wait()
		chip.with(local, func(s *fakeSock) {
			s.conns, s.peers = append(s.conns, peer), append(s.peers, peerAddr)
		})
		must(t, dev.Close(l))
		pass(time.Minute)
		chip.wantAborted(t, peer)
	})
}
