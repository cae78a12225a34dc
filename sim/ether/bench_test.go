package ether

import (
	"runtime"
	"strconv"
	"testing"
	"time"
)

// A path is a way of frames that costs no allocation.
type path struct {
	from *Device
	dst  [6]byte
	to   *Device
}

func paths(t testing.TB) map[string]path {
	a, b := cable(t, Config{}, Config{Pause: time.Minute})
	s := NewSwitch(SwitchConfig{})
	x, y := open(t, s, Config{Name: "x"}), open(t, s, Config{Name: "y", Pause: time.Minute})
	send(t, y, mac(x), 0) // the switch learns y
	_, _, err := x.EthPoll(make([]byte, 1514))
	if err != nil {
		t.Fatal(err)
	}
	c, d := cable(t, Config{}, Config{Direct: true})
	return map[string]path{"cable": {a, mac(b), b}, "direct": {c, mac(d), d}, "switch": {x, mac(y), y}}
}

func TestAFreeWayCostsNoAllocation(t *testing.T) {
	for name, p := range paths(t) {
		frame, buf := numbered(p.dst, mac(p.from), 1, 1514), make([]byte, 1514)
		pass := func() {
			if err := p.from.SendOffsetEthFrame(frame); err != nil {
				t.Fatal(err)
			}
			if _, n, err := p.to.EthPoll(buf); n != 1514 || err != nil {
				t.Fatal(n, err)
			}
		}
		for range DefaultQueue { // every slot has its memory now
			pass()
		}
		if n := testing.AllocsPerRun(1000, pass); n != 0 {
			t.Errorf("%s: %v allocations a frame", name, n)
		}
		done := make(chan struct{}, 1)
		p.to.SetEthRecvHandler(func([]byte) { done <- struct{}{} })
		if n := testing.AllocsPerRun(1000, func() {
			if err := p.from.SendOffsetEthFrame(frame); err != nil {
				t.Fatal(err)
			}
			<-done
		}); n != 0 {
			t.Errorf("%s, to a handler: %v allocations a frame", name, n)
		}
	}
}

func TestAnImpairedWayKeepsItsBuffers(t *testing.T) {
	p := paths(t)["cable"]
	impair(t, p.from, Transmit, "corrupt 50%")
	frame, buf := numbered(p.dst, mac(p.from), 1, 1514), make([]byte, 1514)
	pass := func() {
		if err := p.from.SendOffsetEthFrame(frame); err != nil {
			t.Fatal(err)
		}
		p.to.EthPoll(buf)
	}
	for range DefaultQueue {
		pass()
	}
	if n := testing.AllocsPerRun(1000, pass); n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
}

func BenchmarkFrames(b *testing.B) {
	for _, name := range []string{"cable", "direct", "switch"} {
		for size, n := range map[string]int{"60": 60, "1514": 1514} {
			b.Run(name+"/bytes="+size, func(b *testing.B) { benchmark(b, paths(b)[name], n) })
		}
	}
}

func BenchmarkImpaired(b *testing.B) {
	p := paths(b)["cable"]
	impair(b, p.from, Transmit, "duplicate 0.0001%, corrupt 0.0001%")
	benchmark(b, p, 1514)
}

func BenchmarkCaptured(b *testing.B) {
	p := paths(b)["cable"]
	c := NewCapture(nowhere{})
	p.from.Capture(c)
	benchmark(b, p, 1514)
	c.Close() // what ran over is no matter here
}

type nowhere struct{}

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }

// benchmark sends frames to a handler, and ends when the last has come.
func benchmark(b *testing.B, p path, n int) {
	frame := numbered(p.dst, mac(p.from), 1, n)
	received := uint64(0)
	done := make(chan struct{})
	p.to.SetEthRecvHandler(func(frame []byte) {
		if received++; number(frame) == 2 {
			close(done)
		}
	})
	b.ReportAllocs()
	b.SetBytes(int64(n))
	for b.Loop() {
		if err := p.from.SendOffsetEthFrame(frame); err != nil {
			b.Fatal(err)
		}
	}
	last := numbered(p.dst, mac(p.from), 2, n)
	p.from.SendOffsetEthFrame(last)
	<-done
	b.ReportMetric(float64(received)/b.Elapsed().Seconds(), "frames/s")
	runtime.KeepAlive(p)
}

// BenchmarkSockets is a frame to another device of sockets, and back: one that is
// sent into nothing measures only what is lost.
func BenchmarkSockets(b *testing.B) {
	for _, network := range []string{"udp", "unix"} {
		b.Run(network, func(b *testing.B) {
			x, y := sockets(b, network)
			back := make(chan struct{}, 1)
			y.SetEthRecvHandler(func(frame []byte) { y.SendOffsetEthFrame(frame) })
			x.SetEthRecvHandler(func([]byte) { back <- struct{}{} })
			frame := numbered(mac(y), mac(x), 1, 1514)
			b.ReportAllocs()
			b.SetBytes(2 * int64(len(frame)))
			for b.Loop() {
				if err := x.SendOffsetEthFrame(frame); err != nil {
					b.Fatal(err)
				}
				<-back
			}
		})
	}
}

// BenchmarkBroadcast is a frame to everybody on a switch.
func BenchmarkBroadcast(b *testing.B) {
	for _, others := range []int{1, 8} {
		b.Run("others="+strconv.Itoa(others), func(b *testing.B) {
			s := NewSwitch(SwitchConfig{})
			from := open(b, s, Config{Name: "from"})
			heard := make(chan struct{}, others)
			for i := range others {
				open(b, s, Config{Name: strconv.Itoa(i)}).SetEthRecvHandler(func([]byte) { heard <- struct{}{} })
			}
			frame := numbered([6]byte{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, mac(from), 1, 60)
			b.ReportAllocs()
			for b.Loop() {
				if err := from.SendOffsetEthFrame(frame); err != nil {
					b.Fatal(err)
				}
				for range others {
					<-heard
				}
			}
		})
	}
}

func TestAFrameThroughASocketCostsNoAllocation(t *testing.T) {
	x, y := sockets(t, "udp")
	back := make(chan struct{}, 1)
	y.SetEthRecvHandler(func(frame []byte) { y.SendOffsetEthFrame(frame) })
	x.SetEthRecvHandler(func([]byte) { back <- struct{}{} })
	frame := numbered(mac(y), mac(x), 1, 1514)
	pass := func() {
		if err := x.SendOffsetEthFrame(frame); err != nil {
			t.Fatal(err)
		}
		<-back
	}
	for range DefaultQueue {
		pass()
	}
	if n := testing.AllocsPerRun(1000, pass); n != 0 {
		t.Errorf("%v allocations there and back", n)
	}
}
