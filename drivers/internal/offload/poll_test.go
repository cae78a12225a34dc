package offload_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// A call that does not wait for the peer asks the chip, but not for long.
func TestCallsThatDoNotWaitAskTheChip(t *testing.T) {
	for _, polled := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			chip, dev := newFake(t, offload.Config{Polled: polled})
			fd, local := connect(t, dev)
			chip.announce = false // it was there before
			chip.with(local, func(s *fakeSock) { s.in = []byte("data") })
			if ev, err := dev.Poll(fd); ev != netdev.PollIn|netdev.PollOut || err != nil {
				t.Fatalf("Poll: %#x, %v", ev, err)
			}
			buf := make([]byte, 10)
			if n, err := dev.Recv(fd, buf, netdev.MSG_DONTWAIT, never); n != 4 || err != nil {
				t.Fatalf("Recv: %d, %v", n, err)
			}
			want(t, "Recv", second(dev.Recv(fd, buf, netdev.MSG_DONTWAIT, never)), netdev.ErrWouldBlock)

			busy := start(func() (int, error) {
				return 0, chip.core.Do(t.Context(), func() error { time.Sleep(time.Minute); return nil })
			})
			synctest.Wait()
			other := start(func() (int, error) { return dev.Recv(fd, buf, netdev.MSG_DONTWAIT, never) })
			began := time.Now()
			want(t, "Recv", (<-other).err, netdev.ErrWouldBlock)
			if took := time.Since(began); took > 100*time.Millisecond {
				t.Fatalf("Recv that does not wait took %v", took)
			}
			must(t, (<-busy).err)
		})
	}
}

func TestWhoIsNotifiedReadsWithoutAskingAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{Polled: true})
		fd, local := connect(t, dev)
		must(t, dev.SetNonblock(fd, true))
		told := make(chan struct{}, 100)
		must(t, dev.PollNotify(fd, func() { told <- struct{}{} }))
		buf := make([]byte, 10)
		for range 10 {
			chip.with(local, func(s *fakeSock) { s.in = []byte("data") })
			<-told
			if n, err := dev.Recv(fd, buf, 0, never); n != 4 || err != nil {
				t.Fatalf("Recv: %d, %v", n, err)
			}
			want(t, "Recv", second(dev.Recv(fd, buf, 0, never)), netdev.ErrWouldBlock)
		}
		must(t, dev.Close(fd))
		<-told
	})
}

func TestPollOutComesBackWithRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		fd, local := connect(t, dev)
		must(t, dev.SetNonblock(fd, true))
		told := make(chan struct{}, 100)
		must(t, dev.PollNotify(fd, func() { told <- struct{}{} }))
		chip.with(local, func(s *fakeSock) { s.room = 0 })
		data := pattern(10000)
		taken := 0
		for {
			n, err := dev.Send(fd, data[taken:], 0, never)
			taken += n
			want(t, "Send", err, netdev.ErrWouldBlock)
			if n == 0 {
				break
			}
		}
		synctest.Wait()
		for len(told) > 0 {
			<-told
		}
		if ev, _ := dev.Poll(fd); ev&netdev.PollOut != 0 {
			t.Fatalf("Poll: %#x", ev)
		}
		chip.with(local, func(s *fakeSock) { s.room = 100 })
		<-told
		if n, _ := dev.Send(fd, data[taken:], 0, never); n == 0 {
			t.Fatal("Send took nothing after the announcement")
		}
	})
}

func TestAFunctionThatWasReplacedIsNotRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		fd, local := connect(t, dev)
		var running atomic.Bool
		must(t, dev.PollNotify(fd, func() {
			running.Store(true)
			time.Sleep(time.Second)
			running.Store(false)
		}))
		chip.with(local, func(s *fakeSock) { s.in = []byte("x") })
		synctest.Wait()
		if !running.Load() {
			t.Fatal("nothing was announced")
		}
		must(t, dev.PollNotify(fd, nil))
		if running.Load() {
			t.Fatal("the function is still running")
		}
	})
}

// A burst does not wait in the chip, which has little room, for who is told of it.
func TestABurstOfDatagramsIsFetchedForWhoIsNotified(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		fd, local := bind(t, dev)
		must(t, dev.PollNotify(fd, func() {}))
		chip.with(local, func(s *fakeSock) {
			s.inbox = []dgram{{"one", peerAddr}, {"two", peerAddr}, {"three", peerAddr}}
		})
		synctest.Wait()
		chip.with(local, func(s *fakeSock) {
			if n := len(s.inbox); n > 0 {
				t.Errorf("%d datagrams are still in the chip", n)
			}
		})
	})
}
