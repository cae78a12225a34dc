package ether

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

func TestACableCarriesFramesBothWaysInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := cable(t, Config{}, Config{})
		fromB, fromA := receive(a), receive(b)
		send(t, a, mac(b), 1, 2, 3)
		send(t, b, mac(a), 4, 5)
		wantNumbers(t, fromA, 1, 2, 3)
		wantNumbers(t, fromB, 4, 5)
	})
}

func TestSendTakesACopy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := cable(t, Config{}, Config{})
		frame := numbered(mac(b), mac(a), 7, 60)
		if err := a.SendOffsetEthFrame(frame); err != nil {
			t.Fatal(err)
		}
		clear(frame)
		wantNumbers(t, receive(b), 7)
	})
}

func TestAHandlerMaySendAndChangeItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := cable(t, Config{}, Config{})
		answers := receive(a)
		b.SetEthRecvHandler(func(frame []byte) {
			if err := b.SendOffsetEthFrame(frame); err != nil {
				t.Error(err)
			}
			b.SetEthRecvHandler(nil)
		})
		send(t, a, mac(b), 1, 2, 3)
		wantNumbers(t, answers, 1)
		wantNumbers(t, receive(b), 2, 3) // what was left waits for the next handler
	})
}

func TestPollTakesTheFramesOneByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := cable(t, Config{}, Config{})
		buf := bytes.Repeat([]byte{0xa5}, 1514)
		if _, n, err := b.EthPoll(buf); n != 0 || err != nil {
			t.Errorf("poll of an empty queue: %d, %v", n, err)
		}
		polled := make(chan int)
		go func() {
			<-b.Readable()
			for {
				off, n, err := b.EthPoll(buf)
				if n == 0 || err != nil {
					close(polled)
					return
				}
				polled <- number(buf[off:n])
			}
		}()
		synctest.Wait()
		send(t, a, mac(b), 1, 2)
		for _, want := range []int{1, 2, 0} {
			if got := <-polled; got != want {
				t.Errorf("polled %d, want %d", got, want)
			}
		}
		send(t, a, mac(b), 3, 4)
		if _, n, err := b.EthPoll(nil); n != 0 || err != nil {
			t.Errorf("poll without a buffer: %d, %v", n, err)
		}
		if _, _, err := b.EthPoll(buf[:20]); err != io.ErrShortBuffer {
			t.Errorf("poll into a short buffer: %v", err)
		}
		if _, n, _ := b.EthPoll(buf); n != 60 || number(buf) != 4 {
			t.Errorf("after the short one: %d bytes, number %d", n, number(buf))
		}
	})
}

func TestPollWorksAgainWithoutTheHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := cable(t, Config{}, Config{})
		in := receive(b)
		send(t, a, mac(b), 1)
		wantNumbers(t, in, 1)
		if _, n, _ := b.EthPoll(make([]byte, 1514)); n != 0 {
			t.Error("poll took a frame from the handler")
		}
		b.SetEthRecvHandler(nil)
		send(t, a, mac(b), 2)
		<-b.Readable()
		synctest.Wait()
		buf := make([]byte, 1514)
		if _, n, _ := b.EthPoll(buf); n == 0 || number(buf) != 2 {
			t.Errorf("poll: %d bytes, number %d", n, number(buf))
		}
	})
}

func TestFramesOfAWrongLengthAreErrors(t *testing.T) {
	a, b := cable(t, Config{MTU: 100}, Config{MTU: 80})
	if max, off := a.MaxFrameSizeAndOffset(); max != 114 || off != 0 {
		t.Errorf("MaxFrameSizeAndOffset: %d, %d", max, off)
	}
	for n, want := range map[int]error{0: ErrFrameTooShort, 13: ErrFrameTooShort, 14: nil, 94: nil, 114: nil, 115: ErrFrameTooLong} {
		if err := a.SendOffsetEthFrame(make([]byte, n)); err != want {
			t.Errorf("frame of %d bytes: %v, want %v", n, err, want)
		}
	}
	if s := b.Stats(Receive); s.TooLong != 1 || s.Delivered != 2 {
		t.Errorf("a frame for a larger MTU than the receiver's: %+v", s)
	}
}

func TestAFullQueueDropsAndCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := cable(t, Config{}, Config{Queue: 2})
		send(t, a, mac(b), 1, 2, 3, 4)
		if s := a.Stats(Transmit); s.Frames != 4 || s.Bytes != 240 || s.Delivered != 2 || s.ReceiveFull != 2 {
			t.Errorf("%+v", s)
		}
		wantNumbers(t, receive(b), 1, 2)
	})
}

func TestASenderWaitsForAPausingReceiver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := cable(t, Config{}, Config{Queue: 2, Pause: time.Second})
		var sent time.Duration
		start := time.Now()
		done := make(chan struct{})
		go func() {
			defer close(done)
			send(t, a, mac(b), 1, 2, 3, 4)
			sent = time.Since(start)
		}()
		time.Sleep(300 * time.Millisecond)
		in := receive(b)
		<-done
		wantNumbers(t, in, 1, 2, 3, 4)
		if sent != 300*time.Millisecond {
			t.Errorf("the sender was held for %v", sent)
		}
	})
}

func TestManySendersWaitForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := cable(t, Config{}, Config{Queue: 3, Pause: time.Hour})
		for range 20 {
			go send(t, a, mac(b), 1)
		}
		synctest.Wait()
		buf := make([]byte, 1514)
		for i := range 20 {
			if _, n, err := b.EthPoll(buf); n == 0 || err != nil {
				t.Fatalf("frame %d: %d bytes, %v", i, n, err)
			}
			synctest.Wait()
		}
		if s := b.Stats(Receive); s.Delivered != 20 || s.Dropped() != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestAPauseEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := cable(t, Config{}, Config{Queue: 1, Pause: time.Second})
		start := time.Now()
		send(t, a, mac(b), 1, 2, 3)
		if d := time.Since(start); d != 2*time.Second {
			t.Errorf("two frames waited for %v", d)
		}
		if s := a.Stats(Transmit); s.ReceiveFull != 2 {
			t.Errorf("%+v", s)
		}
	})
}

func TestCloseWakesWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := cable(t, Config{}, Config{Queue: 1, Pause: time.Hour})
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			send(t, a, mac(b), 1, 2)
		}()
		synctest.Wait()
		start := time.Now()
		b.Close()
		<-sent
		<-b.Done()
		if d := time.Since(start); d != 0 {
			t.Errorf("the sender went on after %v", d)
		}
		if s := a.Stats(Transmit); s.Unplugged != 1 {
			t.Errorf("%+v", s)
		}
	})
}

func TestAClosedDeviceDoesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := cable(t, Config{}, Config{})
		in := receive(b)
		impair(t, a, Transmit, "delay 1s")
		send(t, a, mac(b), 1)
		impair(t, b, Transmit, "delay 1s")
		send(t, b, mac(a), 2)
		fromB := receive(a)
		for range 2 {
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		}
		if err := b.SendOffsetEthFrame(numbered(mac(a), mac(b), 3, 60)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("send: %v", err)
		}
		if _, _, err := b.EthPoll(make([]byte, 1514)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("poll: %v", err)
		}
		b.SetEthRecvHandler(func([]byte) { t.Error("a frame came") })
		send(t, a, mac(b), 4)
		time.Sleep(2 * time.Second)
		wantNumbers(t, in)
		wantNumbers(t, fromB, 2) // was on its way
		if s := a.Stats(Transmit); s.Unplugged != 2 || s.Frames != 2 {
			t.Errorf("%+v", s)
		}
	})
}

func TestAddressesAreDerivedFromSeedAndName(t *testing.T) {
	a, b := cable(t, Config{Seed: 1}, Config{Seed: 1})
	c, _ := cable(t, Config{Seed: 2}, Config{})
	again, own := cable(t, Config{Seed: 1}, Config{MAC: [6]byte{2, 0, 0, 0, 0, 1}})
	if mac(a) == mac(b) || mac(a) == mac(c) {
		t.Error("different devices have one address")
	}
	if mac(a) != mac(again) {
		t.Error("the same device has two addresses")
	}
	if m := mac(a); m[0]&3 != 2 {
		t.Errorf("% x is not a locally administered address of one device", m)
	}
	if mac(own) != [6]byte{2, 0, 0, 0, 0, 1} {
		t.Error("an address that was given is not used")
	}
}

func TestWrongConfigurationsAreRefused(t *testing.T) {
	for _, c := range []Config{
		{MTU: -1}, {MTU: 67}, {MTU: 65522}, {Queue: -1}, {Pause: -1}, {MAC: everybody},
	} {
		if _, _, err := Cable(c, Config{}); err == nil {
			t.Errorf("cable: no error for %+v", c)
		}
		if _, err := NewSwitch(SwitchConfig{}).Open(c); err == nil {
			t.Errorf("switch: no error for %+v", c)
		}
	}
}
