package ether

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestADirectHandlerIsCalledWithinTheSend(t *testing.T) {
	a, b := cable(t, Config{}, Config{Direct: true})
	called := 0
	b.SetEthRecvHandler(func([]byte) { called++ })
	send(t, a, mac(b), 1)
	if called != 1 {
		t.Errorf("the handler was called %d times when the send returned", called)
	}
	b.SetEthRecvHandler(nil)
	send(t, a, mac(b), 2)
	if _, n, err := b.EthPoll(make([]byte, 1514)); n == 0 || err != nil || called != 1 {
		t.Errorf("without a handler: polled %d, %v, called %d", n, err, called)
	}
}

func TestDirectDevicesThatAnswerEachOtherDoNotRecurse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most = 10_000
		a, b := cable(t, Config{Direct: true}, Config{Direct: true})
		answers := 0
		for _, d := range [][2]*Device{{a, b}, {b, a}} {
			depth := 0
			d[0].SetEthRecvHandler(func(frame []byte) {
				if depth++; depth > 1 {
					t.Fatal("the handler was called within itself")
				}
				if n := number(frame); n < most {
					send(t, d[0], mac(d[1]), n+1)
				} else {
					answers = n
				}
				depth--
			})
		}
		send(t, a, mac(b), 1)
		synctest.Wait()
		if answers != most {
			t.Errorf("the conversation ended with %d of %d", answers, most)
		}
	})
}

func TestFramesThatWaitComeBeforeADirectOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := cable(t, Config{}, Config{Direct: true})
		send(t, a, mac(b), 1, 2)
		in := receive(b)
		send(t, a, mac(b), 3)
		wantNumbers(t, in, 1, 2, 3)
	})
}

func TestEachSendersFramesKeepTheirOrderAtADirectDevice(t *testing.T) {
	const senders, each = 8, 2000
	s := NewSwitch(SwitchConfig{})
	to := open(t, s, Config{Name: "to", Direct: true, Pause: time.Minute})
	next := [senders]int{}
	done := make(chan struct{})
	received, busy := 0, false
	to.SetEthRecvHandler(func(frame []byte) {
		if busy {
			t.Error("two are in the handler")
		}
		busy = true
		from, n := number(frame)/each, number(frame)%each
		if n != next[from] {
			t.Errorf("sender %d: frame %d came, want %d", from, n, next[from])
		}
		next[from] = n + 1
		if received++; received == senders*each {
			close(done)
		}
		busy = false
	})
	var all sync.WaitGroup
	for i := range senders {
		d := open(t, s, Config{})
		all.Go(func() {
			for n := range each {
				send(t, d, mac(to), i*each+n)
			}
		})
	}
	all.Wait()
	<-done
	if st := to.Stats(Receive); st.Delivered != senders*each || st.Dropped() != 0 {
		t.Errorf("%+v", st)
	}
}

func TestAClosedDirectDeviceTakesNothing(t *testing.T) {
	a, b := cable(t, Config{}, Config{Direct: true})
	b.SetEthRecvHandler(func([]byte) { t.Error("the handler was called") })
	b.Close()
	send(t, a, mac(b), 1)
	if st := b.Stats(Receive); st.Unplugged != 1 || st.Delivered != 0 {
		t.Errorf("%+v", st)
	}
}

func TestAnImpairedWayToADirectDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := cable(t, Config{}, Config{Direct: true})
		in := receive(b)
		impair(t, a, Transmit, "delay 10ms")
		send(t, a, mac(b), upTo(5)...)
		time.Sleep(10 * time.Millisecond)
		wantNumbers(t, in, upTo(5)...)
	})
}

// Three stations that pass on what they receive, each to the next, and all of them
// directly.
func TestDirectDevicesInARoundDoNotRecurse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most = 3000
		s := NewSwitch(SwitchConfig{})
		d := []*Device{open(t, s, Config{Direct: true}), open(t, s, Config{Direct: true}), open(t, s, Config{Direct: true})}
		var passed [3]atomic.Int32
		for i := range d {
			next := d[(i+1)%3]
			var within atomic.Bool
			d[i].SetEthRecvHandler(func(frame []byte) {
				if within.Swap(true) {
					t.Error("the handler was called within itself")
				}
				if passed[i].Add(1) < most {
					send(t, d[i], mac(next), number(frame))
				}
				within.Store(false)
			})
		}
		send(t, d[0], mac(d[0]), 9) // a switch sends nothing back
		for i := range d {
			send(t, d[i], mac(d[(i+1)%3]), 1)
		}
		synctest.Wait()
		if n := passed[0].Load() + passed[1].Load() + passed[2].Load(); n < 3*most-3 {
			t.Errorf("%d frames were passed on", n)
		}
	})
}

func TestADirectHandlerMayLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := cable(t, Config{}, Config{Direct: true})
		in := &inbox{}
		b.SetEthRecvHandler(func(frame []byte) {
			send(t, a, mac(b), 2) // waits, and is for the one that comes next
			in = receive(b)
		})
		send(t, a, mac(b), 1)
		send(t, a, mac(b), 3)
		wantNumbers(t, in, 2, 3)
		b.SetEthRecvHandler(func([]byte) { b.Close() })
		send(t, a, mac(b), 4, 5)
		if s := b.Stats(Receive); s.Delivered != 4 || s.Unplugged != 1 {
			t.Errorf("%+v", s)
		}
	})
}
