package offload_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

func TestNothingHappensBeforeTheFirstUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, _ := newFake(t, offload.Config{Polled: true})
		pass(time.Minute)
		if n := chip.total() + chip.calls("Idle"); n != 0 {
			t.Fatalf("%d calls of the chip", n)
		}
	})
}

// What nobody waits for nobody asks for, and no timer runs.
func TestSocketsThatNobodyWaitsForCauseNoTraffic(t *testing.T) {
	for _, polled := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			chip, dev := newFake(t, offload.Config{Polled: polled})
			fd, _ := connect(t, dev)
			bind(t, dev)
			listen(t, dev, 3)
			_, err := dev.Send(fd, pattern(1000), 0, never)
			must(t, err)
			must(t, dev.PollNotify(fd, func() {}))
			must(t, dev.PollNotify(fd, nil))
			_, err = dev.Recv(fd, make([]byte, 1), 0, in(time.Second))
			want(t, "Recv", err, netdev.ErrTimeout)
			pass(time.Second)
			before, idle := chip.total(), chip.calls("Idle")
			pass(time.Hour)
			if after := chip.total(); after != before {
				t.Fatalf("%d calls of the chip", after-before)
			}
			if after := chip.calls("Idle"); after != idle {
				t.Fatalf("the goroutine woke %d times", after-idle)
			}
		})
	}
}

func TestPolledChipIsAskedOnASchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{Polled: true, PollMin: time.Millisecond, PollMax: 5 * time.Millisecond})
		fd, local := connect(t, dev)
		var asked []time.Duration
		var began time.Time
		chip.on(func(call string, id int) error {
			if call == "Recv" {
				asked = append(asked, time.Since(began))
			}
			return nil
		})
		read := func() <-chan result {
			asked, began = nil, time.Now()
			return start(func() (int, error) { return dev.Recv(fd, make([]byte, 10), 0, never) })
		}
		const schedule = "[0s 1ms 3ms 7ms 12ms 17ms 22ms]"
		for range 2 { // each call begins anew
			r := read()
			pass(24 * time.Millisecond)
			if got := fmt.Sprint(asked); got != schedule {
				t.Fatalf("asked at %v, want %v", got, schedule)
			}
			chip.with(local, func(s *fakeSock) { s.in = []byte("x") })
			must(t, (<-r).err)
			if last := asked[len(asked)-1]; last != 27*time.Millisecond {
				t.Fatalf("asked at %v, want 27ms", last)
			}
			pass(time.Second)
		}
	})
}

func TestChipThatAnnouncesIsAskedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		fd, local := connect(t, dev)
		r := start(func() (int, error) { return dev.Recv(fd, make([]byte, 10), 0, never) })
		pass(time.Hour)
		if n := chip.calls("Recv"); n != 1 {
			t.Fatalf("asked %d times in an hour", n)
		}
		began := time.Now()
		chip.with(local, func(s *fakeSock) { s.in = []byte("x") })
		must(t, (<-r).err)
		if took := time.Since(began); took != 0 {
			t.Fatalf("an announcement was heard after %v", took)
		}
	})
}

// A chip that announces data while it is still answering that it has none.
func TestNoAnnouncementIsLostDuringACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		fd, _ := connect(t, dev)
		once := false
		chip.on(func(call string, id int) error {
			if call != "Recv" || once {
				return nil
			}
			once = true
			chip.mu.Lock()
			chip.socks[id].in = []byte("x")
			chip.mu.Unlock()
			chip.core.Signal(id)
			return netdev.ErrWouldBlock
		})
		_, err := dev.Recv(fd, make([]byte, 10), 0, in(time.Second))
		must(t, err)
	})
}

func TestAnAnnouncementThatTheBusLosesIsMadeGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{Recheck: time.Second})
		fd, local := connect(t, dev)
		r := start(func() (int, error) { return dev.Recv(fd, make([]byte, 10), 0, never) })
		pass(time.Minute)
		if n := chip.calls("Recv"); n < 55 || n > 65 {
			t.Fatalf("asked %d times in a minute", n)
		}
		chip.announce = false
		chip.with(local, func(s *fakeSock) { s.in = []byte("x") })
		must(t, (<-r).err)
		before := chip.total()
		pass(time.Minute)
		if after := chip.total(); after != before {
			t.Fatalf("%d calls of the chip for nobody", after-before)
		}
	})
}

// Where the chip does not announce that it has room, or a connection, it is asked.
func TestRoomThatIsNotAnnouncedIsFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		var connected atomic.Bool
		chip.on(func(call string, id int) error {
			if (call == "Connect" || call == "Connected") && !connected.Load() {
				return netdev.ErrInProgress
			}
			return nil
		})
		fd := stream(t, dev)
		r := start(func() (int, error) { return 0, dev.Connect(fd, "", peerAddr) })
		pass(time.Second)
		connected.Store(true)
		must(t, (<-r).err)
		chip.announce = false
		chip.with(0, func(s *fakeSock) { s.room = 0 })
		r = start(func() (int, error) { return dev.Send(fd, pattern(4000), 0, never) })
		pass(time.Second)
		chip.with(0, func(s *fakeSock) { s.room = plenty })
		began := time.Now()
		must(t, (<-r).err)
		if took := time.Since(began); took > 50*time.Millisecond {
			t.Fatalf("room was found after %v", took)
		}
	})
}

// An echo costs what it must: a Send, a Recv, and one that found nothing.
func TestAnEchoIsFewCallsOfTheChip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		fd, local := connect(t, dev)
		chip.with(local, func(s *fakeSock) { s.echo = true })
		pass(time.Second)
		before := chip.total()
		buf := make([]byte, 10)
		const rounds = 100
		for range rounds {
			_, err := dev.Send(fd, []byte("x"), 0, never)
			must(t, err)
			pass(time.Second)
			_, err = dev.Recv(fd, buf, 0, never)
			must(t, err)
			pass(time.Second)
		}
		if n := chip.total() - before; n > 2*rounds {
			t.Errorf("%d calls for %d echoes that have come back", n, rounds)
		}
		before = chip.total()
		for range rounds {
			r := start(func() (int, error) { return dev.Recv(fd, buf, 0, never) })
			pass(time.Second)
			_, err := dev.Send(fd, []byte("x"), 0, never)
			must(t, err)
			must(t, (<-r).err)
			pass(time.Second)
		}
		if n := chip.total() - before; n > 3*rounds {
			t.Errorf("%d calls for %d echoes that are waited for", n, rounds)
		}
	})
}
