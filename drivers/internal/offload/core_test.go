package offload_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

func TestDoReturnsWhatTheFunctionReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, _ := newFake(t, offload.Config{})
		reason := errors.New("reason")
		want(t, "Do", chip.core.Do(t.Context(), func() error { return reason }), reason)
		must(t, chip.core.Do(t.Context(), func() error { return nil }))
	})
}

func TestDoThatNobodyWaitsForIsSkipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, _ := newFake(t, offload.Config{})
		release := make(chan struct{})
		busy := start(func() (int, error) {
			return 0, chip.core.Do(t.Context(), func() error { <-release; return nil })
		})
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		called := false
		f := func() error { called = true; return nil }
		want(t, "Do", chip.core.Do(ctx, f), context.DeadlineExceeded)
		want(t, "Do with a context that is done", chip.core.Do(ctx, f), context.DeadlineExceeded)
		close(release)
		must(t, (<-busy).err)
		must(t, chip.core.Do(t.Context(), func() error { return nil }))
		if called {
			t.Fatal("f was called for a caller who had left")
		}
	})
}

func TestStopFailsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		fd, _ := connect(t, dev)
		_, peer := stalled(t, chip, dev, 100)
		r := start(func() (int, error) { return dev.Recv(fd, make([]byte, 1), 0, never) })
		busy := make(chan struct{})
		running := start(func() (int, error) { return 0, chip.core.Do(t.Context(), func() error { <-busy; return nil }) })
		synctest.Wait()
		queued := start(func() (int, error) { return 0, chip.core.Do(t.Context(), func() error { return nil }) })
		synctest.Wait()
		go func() { time.Sleep(time.Second); close(busy) }()
		chip.core.Stop()
		want(t, "Recv", (<-r).err, netdev.ErrNetDown)
		want(t, "Do", (<-queued).err, netdev.ErrNetDown)
		must(t, (<-running).err)
		want(t, "Do", chip.core.Do(t.Context(), func() error { return nil }), netdev.ErrNetDown)
		chip.core.Up(chipAddr)
		want(t, "Socket", second(dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)), netdev.ErrNetDown)
		must(t, dev.Close(fd))
		_ = peer
	})
}

func TestStopClosesTheChipsSockets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		connect(t, dev)
		_, peer := stalled(t, chip, dev, 100)
		listen(t, dev, 1)
		_, local := connect(t, dev)
		chip.with(local, func(s *fakeSock) { s.closes = plenty })
		began := time.Now()
		chip.core.Stop()
		if took := time.Since(began); took > 1100*time.Millisecond {
			t.Fatalf("Stop took %v", took)
		}
		if !peer.aborted || chip.open() > 1 {
			t.Fatalf("the chip still has %d sockets", chip.open())
		}
	})
}

func TestStopBeforeTheFirstUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, _ := newFake(t, offload.Config{})
		chip.core.Stop()
		chip.core.Signal(0)
		if n := chip.total(); n != 0 {
			t.Fatalf("%d calls of the chip", n)
		}
	})
}

func TestInsideNeedsNoLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{Sockets: 1})
		chip.core.Down(nil)
		inside := &device{chip.core.Inside(), chip.core.Half()}
		want(t, "Socket", second(dev.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)), netdev.ErrNetDown)
		u, local := bind(t, inside)
		chip.with(local, func(s *fakeSock) { s.echo = true })
		_, err := inside.SendTo(u, []byte("discover"), 0, peerAddr, never)
		must(t, err)
		_, err = inside.Recv(u, make([]byte, 10), 0, in(time.Second))
		must(t, err)
		for range 3 {
			datagram(t, inside)
		}
		want(t, "Socket", second(inside.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)), netdev.ErrNoMoreSockets)
		chip.core.Up(chipAddr)
		// A user has all of the descriptors that he was promised.
		stream(t, dev)
		want(t, "Socket", second(dev.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)), netdev.ErrNoMoreSockets)
	})
}

func TestWithTellsTheChipsNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		bind(t, dev)
		fd, _ := connect(t, dev)
		var got offload.Socket
		must(t, chip.core.With(fd, func(s offload.Socket) error { got = s; return nil }))
		if want := (offload.Socket{ID: 1, Kind: offload.Stream, Connected: true}); got != want {
			t.Fatalf("%+v, want %+v", got, want)
		}
		must(t, dev.Close(fd))
		want(t, "With", chip.core.With(fd, func(offload.Socket) error { return nil }), netdev.ErrInvalidSocketFd)
	})
}

// The goroutine never goes to sleep over something to do, however it falls: in real
// time, so that it does.
func TestNoWorkIsOverslept(t *testing.T) {
	chip, _ := newFake(t, offload.Config{})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 5000 {
				if err := chip.core.Do(ctx, func() error { return nil }); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

func TestResetKeepsItsReasonWhenTheLinkGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		tcp, _ := connect(t, dev)
		udp, _ := bind(t, dev)
		r := start(func() (int, error) { return dev.Recv(tcp, make([]byte, 1), 0, never) })
		synctest.Wait()
		must(t, chip.core.Do(t.Context(), func() error {
			chip.reset()
			chip.core.Down(nil)
			return nil
		}))
		want(t, "Recv", (<-r).err, netdev.ErrConnReset)
		want(t, "Send", second(dev.Send(tcp, []byte("x"), 0, never)), netdev.ErrConnReset)
		want(t, "SendTo", second(dev.SendTo(udp, []byte("x"), 0, peerAddr, never)), netdev.ErrNetDown)
		want(t, "Socket", second(dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)), netdev.ErrNetDown)
	})
}
