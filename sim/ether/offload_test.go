package ether

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopacket/gopacket/pcapgo"

	"github.com/netdev-go/netdev/internal/gso"
	"github.com/netdev-go/netdev/wire/ethernet"
	"github.com/netdev-go/netdev/wire/ipv4"
	"github.com/netdev-go/netdev/wire/tcp"
)

const testMSS = 1448

// longFrame returns a segment of n bytes of data in one frame.
func longFrame(dst, src [6]byte, n int) []byte {
	const before = ethernet.HeaderLen + ipv4.HeaderLen
	h := tcp.Header{SrcPort: 1, DstPort: 2, Seq: 1, Flags: tcp.ACK | tcp.PSH}
	frame := make([]byte, before+h.Len()+n)
	(&ethernet.Header{Dst: dst, Src: src, Type: ethernet.TypeIPv4}).Emit(frame)
	ip := ipv4.Header{TotalLen: len(frame) - ethernet.HeaderLen, TTL: 64, Protocol: tcp.Protocol, Src: netip.AddrFrom4([4]byte{10, 0, 0, 1}), Dst: netip.AddrFrom4([4]byte{10, 0, 0, 2})}
	ip.Emit(frame[ethernet.HeaderLen:])
	h.Emit(frame[before:])
	for i := range n {
		frame[before+h.Len()+i] = byte(i) ^ byte(i>>8)
	}
	tcp.Segment(frame[before:]).FillChecksum(ip.Src, ip.Dst)
	return frame
}

// cutFrames are the frames that one becomes on a wire.
func cutFrames(t testing.TB, frame []byte) (frames [][]byte) {
	t.Helper()
	c, err := gso.Cut(frame, testMSS)
	if err != nil {
		t.Fatal(err)
	}
	for {
		b := make([]byte, c.Size())
		n := c.Next(b)
		if n == 0 {
			return frames
		}
		frames = append(frames, b[:n])
	}
}

func sendLong(t testing.TB, d *Device, frame []byte) {
	t.Helper()
	if err := d.SendOffsetEthFrameSegments(frame, testMSS); err != nil {
		t.Error(err)
	}
}

// wantFrames expects that those and no others arrive.
func wantFrames(t *testing.T, what string, in *inbox, want ...[]byte) {
	t.Helper()
	synctest.Wait()
	in.mu.Lock()
	defer in.mu.Unlock()
	if !slices.EqualFunc(in.frames, want, bytes.Equal) {
		lengths := func(frames [][]byte) (n []int) {
			for _, f := range frames {
				n = append(n, len(f))
			}
			return n
		}
		t.Errorf("%s: frames of %v bytes arrived, want %v, or others", what, lengths(in.frames), lengths(want))
	}
	in.frames = nil
}

func TestALongSegmentGoesOverWholeWhereNothingWouldTell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := cable(t, Config{Offload: true}, Config{Offload: true})
		in := receive(b)
		b.SetMaxEthRecv(a.MaxSegmentOffload())
		frame := longFrame(mac(b), mac(a), 60000)
		sendLong(t, a, frame)
		wantFrames(t, "whole", in, frame)
		want := Stats{Frames: 42, Delivered: 42, Bytes: uint64(60000 + 42*54)}
		if s := a.Stats(Transmit); s != want {
			t.Errorf("%+v, want %+v", s, want)
		}
	})
}

func TestALongSegmentIsCutWhereTheWayAsksForThat(t *testing.T) {
	on := Config{Offload: true}
	for name, c := range map[string]struct {
		b     Config
		takes int
		setUp func(t *testing.T, a, b *Device)
		lost  bool
	}{
		"a receiver without":         {b: Config{}, takes: maxLong},
		"a handler that takes none":  {b: on},
		"a handler that takes less":  {b: on, takes: 9999},
		"an impairment":              {b: on, takes: maxLong, setUp: func(t *testing.T, a, _ *Device) { impair(t, a, Transmit, "delay 1ms") }},
		"an impairment at the end":   {b: on, takes: maxLong, setUp: func(t *testing.T, _, b *Device) { impair(t, b, Receive, "rate 1gbit") }},
		"a capture of the sender":    {b: on, takes: maxLong, setUp: func(t *testing.T, a, _ *Device) { a.Capture(NewCapture(io.Discard)) }},
		"a capture of the receiver":  {b: on, takes: maxLong, setUp: func(t *testing.T, _, b *Device) { b.Capture(NewCapture(io.Discard)) }},
		"a receiver of smaller MTU":  {b: Config{Offload: true, MTU: 1487}, takes: maxLong, lost: true},
		"all the same if MTUs allow": {b: Config{MTU: 9000}, takes: maxLong},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := cable(t, Config{Offload: true, MTU: 1488}, c.b)
				in := receive(b)
				b.SetMaxEthRecv(c.takes)
				if c.setUp != nil {
					c.setUp(t, a, b)
					defer a.tx.closeTaps()
				}
				frame := longFrame(mac(b), mac(a), 10000)
				sendLong(t, a, frame)
				time.Sleep(10 * ms)
				if c.lost {
					wantFrames(t, name, in, cutFrames(t, frame)[6:]...)
					if s := a.Stats(Transmit); s.TooLong != 6 || s.Delivered != 1 {
						t.Errorf("%+v", s)
					}
					return
				}
				wantFrames(t, name, in, cutFrames(t, frame)...)
			})
		})
	}
}

// closeTaps ends the captures of a direction.
func (d *direction) closeTaps() {
	for _, t := range []*tap{d.entry.Load(), d.exit.Load()} {
		if t != nil {
			t.capture.Close()
		}
	}
}

func TestASwitchCutsForThoseWhoNeedIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSwitch(SwitchConfig{})
		a := open(t, s, Config{Offload: true})
		b := open(t, s, Config{Offload: true})
		c := open(t, s, Config{})
		b.SetMaxEthRecv(maxLong)
		inB, inC := receive(b), receive(c)
		flooded := longFrame(mac(b), mac(a), 5000) // nobody knows yet where b is
		sendLong(t, a, flooded)
		wantFrames(t, "to b", inB, flooded)
		wantFrames(t, "to c", inC, cutFrames(t, flooded)...)
		send(t, b, mac(a), 1)
		frame := longFrame(mac(b), mac(a), 50000)
		sendLong(t, a, frame)
		wantFrames(t, "to b", inB, frame)
		wantFrames(t, "to c", inC)
		impair(t, b, Receive, "delay 1ms")
		sendLong(t, a, frame)
		time.Sleep(2 * ms)
		wantFrames(t, "to b", inB, cutFrames(t, frame)...)
		if s := a.Stats(Transmit); s.Frames != 4+35+35 {
			t.Errorf("%+v", s)
		}
		if got, want := s.Stats(), (SwitchStats{Flooded: 4, Forwarded: 1 + 35 + 35, Stations: 2}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}

func TestAPortOfAnotherDeviceIsSentPieces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSwitch(SwitchConfig{})
		a := open(t, s, Config{Offload: true})
		x, y := cable(t, Config{Offload: true}, Config{Offload: true})
		if _, err := s.Attach(Config{}, x); err != nil {
			t.Fatal(err)
		}
		y.SetMaxEthRecv(maxLong)
		in := receive(y)
		frame := longFrame(mac(y), mac(a), 10000)
		sendLong(t, a, frame)
		wantFrames(t, "attached", in, cutFrames(t, frame)...)
	})
}

func TestLossFallsOnPieces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := cable(t, Config{Offload: true}, Config{Offload: true, Queue: 1024})
		b.SetMaxEthRecv(maxLong)
		in := receive(b)
		impair(t, a, Transmit, "loss 10%")
		frame := longFrame(mac(b), mac(a), 60000)
		for range 20 {
			sendLong(t, a, frame)
		}
		synctest.Wait()
		if n := len(in.frames); n < 20*42*8/10 || n > 20*42*97/100 {
			t.Errorf("%d of %d frames arrived", n, 20*42)
		}
		for _, f := range in.frames {
			if len(f) > 1514 {
				t.Fatalf("a frame of %d bytes", len(f))
			}
		}
	})
}

func TestACaptureShowsFramesAsTheyAreOnAWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var file bytes.Buffer
		c := NewCapture(&file)
		a, b := cable(t, Config{Offload: true}, Config{Offload: true})
		b.SetMaxEthRecv(maxLong)
		receive(b)
		a.Capture(c)
		frame := longFrame(mac(b), mac(a), 10000)
		sendLong(t, a, frame)
		synctest.Wait()
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		r, err := pcapgo.NewNgReader(&file, pcapgo.DefaultNgReaderOptions)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range cutFrames(t, frame) {
			if got, _, err := r.ReadPacketData(); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("frame %d: %d bytes, %v; want %d", i, len(got), err, len(want))
			}
		}
	})
}

func TestLongSegmentsThatAreNoneAreErrors(t *testing.T) {
	a, b := cable(t, Config{Offload: true}, Config{})
	frame := longFrame(mac(b), mac(a), 10000)
	for _, c := range []struct {
		d     *Device
		frame []byte
		mss   int
		want  error
	}{
		{b, frame, testMSS, ErrFrameTooLong}, // without Offload
		{a, frame, 1461, ErrFrameTooLong},
		{a, make([]byte, maxLong+1), testMSS, ErrFrameTooLong},
		{a, frame, 0, gso.ErrNotCuttable},
		{a, numbered(mac(b), mac(a), 1, 60), testMSS, gso.ErrNotCuttable},
		{a, append(longFrame(mac(b), mac(a), 10), make([]byte, 1514)...), testMSS, ErrFrameTooLong}, // padded
		{a, frame, 1460, nil},
	} {
		if err := c.d.SendOffsetEthFrameSegments(c.frame, c.mss); !errors.Is(err, c.want) {
			t.Errorf("%d bytes by %d: %v, want %v", len(c.frame), c.mss, err, c.want)
		}
	}
	if b.MaxSegmentOffload() != 0 {
		t.Error("a device without Offload takes", b.MaxSegmentOffload())
	}
	a.Close()
	if err := a.SendOffsetEthFrameSegments(frame, testMSS); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
}

// A queue that is full drops all of it, and counts the pieces.
func TestAFullQueueDropsALongSegment(t *testing.T) {
	a, b := cable(t, Config{Offload: true}, Config{Offload: true, Queue: 1})
	b.SetMaxEthRecv(maxLong)
	frame := longFrame(mac(b), mac(a), 10000)
	sendLong(t, a, frame)
	sendLong(t, a, frame)
	if s := a.Stats(Transmit); s.Frames != 14 || s.Delivered != 7 || s.ReceiveFull != 7 {
		t.Errorf("%+v", s)
	}
}

func TestALongSegmentCostsNoAllocation(t *testing.T) {
	for name, takes := range map[string]int{"whole": maxLong, "cut": 0} {
		a, b := cable(t, Config{Offload: true}, Config{Offload: true, Queue: 64})
		b.SetMaxEthRecv(takes)
		buf := make([]byte, maxLong)
		frame := longFrame(mac(b), mac(a), 60000)
		run := func() {
			sendLong(t, a, frame)
			for {
				if _, n, err := b.EthPoll(buf); n == 0 || err != nil {
					return
				}
			}
		}
		run()
		if n := testing.AllocsPerRun(100, run); n > 0 {
			t.Errorf("%s: %v", name, n)
		}
	}
}

func BenchmarkLong(b *testing.B) {
	for name, takes := range map[string]int{"whole": maxLong, "cut": 0} {
		b.Run(name, func(b *testing.B) {
			x, y := cable(b, Config{Offload: true}, Config{Offload: true, Queue: 64})
			y.SetMaxEthRecv(takes)
			buf := make([]byte, maxLong)
			frame := longFrame(mac(y), mac(x), 60000)
			b.SetBytes(int64(len(frame)))
			b.ReportAllocs()
			for b.Loop() {
				sendLong(b, x, frame)
				for {
					if _, n, _ := y.EthPoll(buf); n == 0 {
						break
					}
				}
			}
		})
	}
}
