package ether

import (
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

func three(t *testing.T, c SwitchConfig) (s *Switch, a, b, x *Device) {
	s = NewSwitch(c)
	t.Cleanup(func() { s.Close() })
	return s, open(t, s, Config{Name: "a"}), open(t, s, Config{Name: "b"}), open(t, s, Config{Name: "c"})
}

func TestTheSwitchLearnsWhereStationsAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, a, b, c := three(t, SwitchConfig{})
		inA, inB, inC := receive(a), receive(b), receive(c)
		send(t, a, mac(b), 1) // nobody knows b
		send(t, b, mac(a), 2)
		send(t, a, mac(b), 3)
		send(t, c, everybody, 4)
		send(t, a, [6]byte{0x33, 0x33, 0, 0, 0, 1}, 5)
		wantNumbers(t, inA, 2, 4)
		wantNumbers(t, inB, 1, 3, 4, 5)
		wantNumbers(t, inC, 1, 5)
		if got, want := s.Stats(), (SwitchStats{Forwarded: 2, Flooded: 3, Stations: 3}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}

func TestTheSwitchFollowsAStationThatMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, a, b, c := three(t, SwitchConfig{})
		inB, inC := receive(b), receive(c)
		station := [6]byte{2, 9, 9, 9, 9, 9}
		for i, at := range []*Device{b, c} {
			if err := at.SendOffsetEthFrame(numbered(mac(a), station, 0, 60)); err != nil {
				t.Fatal(err)
			}
			send(t, a, station, i)
			synctest.Wait()
		}
		// Both floods of the first frames to a went to the other as well.
		wantNumbers(t, inB, 0)
		wantNumbers(t, inC, 0, 1)
	})
}

func TestNoFrameGoesBackToItsPort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, a, b, c := three(t, SwitchConfig{})
		in := []*inbox{receive(a), receive(b), receive(c)}
		send(t, a, everybody, 1)
		send(t, a, mac(a), 2)
		send(t, a, [6]byte{0x01, 0x80, 0xc2, 0, 0, 0x0e}, 3)
		wantNumbers(t, in[0])
		wantNumbers(t, in[1], 1)
		wantNumbers(t, in[2], 1)
		if got := s.Stats().Filtered; got != 2 {
			t.Errorf("%d frames filtered, want 2", got)
		}
	})
}

func TestASilentStationIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, a, b, c := three(t, SwitchConfig{Age: time.Minute})
		inC := receive(c)
		send(t, b, everybody, 1)
		time.Sleep(time.Minute)
		send(t, a, mac(b), 2)
		time.Sleep(time.Nanosecond)
		send(t, a, mac(b), 3)
		wantNumbers(t, inC, 1, 3)
	})
}

func TestTheTableIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, a, b, c := three(t, SwitchConfig{MaxStations: 10, Age: time.Minute})
		inC := receive(c)
		for i := range 100 {
			if err := a.SendOffsetEthFrame(numbered(mac(a), [6]byte{2, 1, 1, 1, 1, byte(i)}, 0, 60)); err != nil {
				t.Fatal(err)
			}
		}
		if got := s.Stats(); got.Stations != 10 || got.Unlearned != 90 {
			t.Errorf("%+v", got)
		}
		send(t, b, [6]byte{2, 1, 1, 1, 1, 0}, 1)
		n := len(inC.numbers()) // the flood came here, b's frame did not
		time.Sleep(2 * time.Minute)
		send(t, b, everybody, 2) // makes room of what aged
		send(t, a, mac(b), 3)
		if got := inC.numbers()[n:]; len(got) != 1 || got[0] != 2 {
			t.Errorf("received %v, want [2]", got)
		}
		if got := s.Stats().Stations; got != 2 {
			t.Errorf("%d stations, want 2", got)
		}
	})
}

func TestAStationLeavesWithItsDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, a, b, c := three(t, SwitchConfig{})
		inC := receive(c)
		impair(t, b, Transmit, "delay 1s")
		send(t, b, mac(a), 1)
		b.Close()
		time.Sleep(2 * time.Second)
		send(t, a, mac(b), 2)
		wantNumbers(t, inC, 1, 2)
		if got := s.Stats().Stations; got != 1 {
			t.Errorf("%d stations, want a alone", got)
		}
		if _, err := s.Open(Config{Name: "b"}); err != nil {
			t.Errorf("the name is not free again: %v", err)
		}
		if _, err := s.Open(Config{Name: "a"}); err != ErrNameInUse {
			t.Errorf("a second a: %v", err)
		}
	})
}

func TestAClosedSwitchHasNoPorts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, a, b, _ := three(t, SwitchConfig{})
		receive(a)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := a.SendOffsetEthFrame(numbered(mac(b), mac(a), 1, 60)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("send: %v", err)
		}
		if _, err := s.Open(Config{}); !errors.Is(err, net.ErrClosed) {
			t.Errorf("open: %v", err)
		}
	})
}

// needy is a frame device that needs room before a frame and refuses some.
type needy struct {
	*Device
	refuse error
}

func (n *needy) MaxFrameSizeAndOffset() (int, int) { return 1514, 8 }

func (n *needy) SendOffsetEthFrame(frame []byte) error {
	if n.refuse != nil {
		return n.refuse
	}
	return n.Device.SendOffsetEthFrame(frame[8:])
}

func TestAttachedDevicesJoinSwitches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		left, a, _, _ := three(t, SwitchConfig{})
		right := NewSwitch(SwitchConfig{})
		x, y := open(t, right, Config{Name: "x"}), open(t, right, Config{Name: "y"})
		l, r := cable(t, Config{}, Config{})
		port, err := left.Attach(Config{Name: "uplink"}, &needy{Device: l})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := right.Attach(Config{}, r); err != nil {
			t.Fatal(err)
		}
		inA, inX, inY := receive(a), receive(x), receive(y)
		send(t, a, everybody, 1)
		synctest.Wait()
		send(t, x, mac(a), 2)
		wantNumbers(t, inX, 1)
		wantNumbers(t, inY, 1)
		wantNumbers(t, inA, 2)
		if s := port.Stats(Receive); s.Delivered != 1 {
			t.Errorf("%+v", s)
		}
		for range 2 {
			if err := port.Close(); err != nil {
				t.Error(err)
			}
		}
		send(t, x, mac(a), 3)
		send(t, a, everybody, 4)
		wantNumbers(t, inA, 2)
		wantNumbers(t, inX, 1)
	})
}

func TestWhatAnAttachedDeviceRefusesIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, a, _, _ := three(t, SwitchConfig{})
		l, _ := cable(t, Config{}, Config{})
		port, err := s.Attach(Config{}, &needy{Device: l, refuse: errors.New("no")})
		if err != nil {
			t.Fatal(err)
		}
		send(t, a, everybody, 1)
		if s := port.Stats(Receive); s.Refused != 1 || s.Delivered != 0 {
			t.Errorf("%+v", s)
		}
		port.handle([]byte{1, 2, 3})
		if s := port.Stats(Transmit); s.Refused != 1 || s.Frames != 1 {
			t.Errorf("%+v", s)
		}
	})
}
