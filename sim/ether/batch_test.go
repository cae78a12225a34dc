package ether

import (
	"errors"
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
)

// sizes has a device count its batches and the frames that come alone.
type sizes struct {
	mu      sync.Mutex
	batches []int
	numbers []int
}

func gather(d *Device) *sizes {
	s := &sizes{}
	d.SetEthRecvHandler(func(frame []byte) { s.add(frame) })
	d.SetEthRecvBatchHandler(func(frames [][]byte) { s.add(frames...) })
	return s
}

func (s *sizes) add(frames ...[]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.batches = append(s.batches, len(frames))
	for _, f := range frames {
		s.numbers = append(s.numbers, number(f))
	}
}

// want expects the first frames in order, in batches of those sizes.
func (s *sizes) want(t *testing.T, batches ...int) {
	t.Helper()
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Equal(s.batches, batches) || !slices.Equal(s.numbers, upTo(len(s.numbers))) {
		t.Errorf("batches of %v, want %v; frames %v", s.batches, batches, s.numbers)
	}
}

func frames(a, b *Device, n, length int) (f [][]byte) {
	for i := range n {
		f = append(f, numbered(mac(b), mac(a), i, length))
	}
	return f
}

func sendAll(t testing.TB, d *Device, f [][]byte) {
	t.Helper()
	if n, err := d.SendOffsetEthFrames(f); n != len(f) || err != nil {
		t.Errorf("%d of %d sent, %v", n, len(f), err)
	}
}

func TestABatchArrivesAsOne(t *testing.T) {
	for name, c := range map[string]struct {
		config Config
		want   []int
	}{
		"in the sender's call":  {Config{Direct: true, Batch: 4}, []int{4, 4, 2}},
		"at a device without":   {Config{}, []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
		"directly, but without": {Config{Direct: true}, []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := cable(t, Config{Batch: 10}, c.config)
				in := gather(b)
				sendAll(t, a, frames(a, b, 10, 60))
				in.want(t, c.want...)
				if s := a.Stats(Transmit); s.Frames != 10 || s.Delivered != 10 || s.Bytes != 600 {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

func TestFramesThatWaitAreABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := cable(t, Config{Batch: 10}, Config{Batch: 4})
		in := &sizes{}
		b.SetEthRecvBatchHandler(func(f [][]byte) { in.add(f...) })
		sendAll(t, a, frames(a, b, 10, 60))
		b.SetEthRecvHandler(func(f []byte) { in.add(f) })
		in.want(t, 4, 4, 2)
	})
}

func TestABatchMeetsFaultsFrameByFrame(t *testing.T) {
	for _, c := range []struct {
		text string
		mtu  int
		want Stats
	}{
		{"loss 100%", 1500, Stats{Frames: 3, Bytes: 600, Lost: 3}},
		{"", 100, Stats{Frames: 3, Bytes: 600, TooLong: 3}},
		{"duplicate 100%", 1500, Stats{Frames: 3, Bytes: 600, Duplicated: 3, Delivered: 6}},
	} {
		synctest.Test(t, func(t *testing.T) {
			a, b := cable(t, Config{Batch: 4}, Config{Direct: true, Batch: 4, MTU: c.mtu})
			gather(b)
			if c.text != "" {
				impair(t, a, Transmit, c.text)
			}
			sendAll(t, a, frames(a, b, 3, 200))
			synctest.Wait()
			if s := a.Stats(Transmit); s != c.want {
				t.Errorf("%s: %+v, want %+v", c.text, s, c.want)
			}
		})
	}
}

func TestAFrameThatIsNoneEndsABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := cable(t, Config{Batch: 4}, Config{Direct: true, Batch: 4})
		in := gather(b)
		f := frames(a, b, 4, 60)
		f[2] = f[2][:13]
		if n, err := a.SendOffsetEthFrames(f); n != 2 || err != ErrFrameTooShort {
			t.Errorf("%d, %v", n, err)
		}
		in.want(t, 2)
		f[1] = make([]byte, 1515)
		if n, err := a.SendOffsetEthFrames(f); n != 1 || err != ErrFrameTooLong {
			t.Errorf("%d, %v", n, err)
		}
		a.Close()
		if n, err := a.SendOffsetEthFrames(f); n != 0 || !errors.Is(err, net.ErrClosed) {
			t.Errorf("%d, %v", n, err)
		}
	})
}

// What a handler for batches does to its own device holds for the frames that follow
// its batch, whether they waited or came in one call.
func TestABatchHandlerThatLeavesIsCalledNoMore(t *testing.T) {
	for name, c := range map[string]struct {
		leave func(d *Device)
		want  []int // batches seen
		polls int   // frames that wait for EthPoll then
		stats Stats // of what came in one call
	}{
		"it closes the device": {func(d *Device) { d.Close() },
			[]int{4}, 0, Stats{Frames: 10, Bytes: 600, Delivered: 4, Unplugged: 6}},
		"it takes the handler away": {func(d *Device) { d.SetEthRecvHandler(nil) },
			[]int{4}, 6, Stats{Frames: 10, Bytes: 600, Delivered: 10}},
		"it wants no batches": {func(d *Device) { d.SetEthRecvBatchHandler(nil) },
			[]int{4, 1, 1, 1, 1, 1, 1}, 0, Stats{Frames: 10, Bytes: 600, Delivered: 10}},
	} {
		for _, direct := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					a, b := cable(t, Config{Batch: 10}, Config{Direct: direct, Batch: 4})
					in := &sizes{}
					b.SetEthRecvBatchHandler(func(f [][]byte) {
						in.add(f...)
						c.leave(b)
					})
					alone := func(f []byte) { in.add(f) }
					if direct {
						b.SetEthRecvHandler(alone)
					}
					sendAll(t, a, frames(a, b, 10, 60))
					if !direct {
						b.SetEthRecvHandler(alone)
					}
					in.want(t, c.want...)
					for i := range c.polls {
						buf := make([]byte, 1514)
						if _, n, err := b.EthPoll(buf); n == 0 || err != nil || number(buf) != 4+i {
							t.Errorf("polled %d bytes, frame %d, %v", n, number(buf), err)
						}
					}
					if s := a.Stats(Transmit); direct && s != c.stats {
						t.Errorf("%+v, want %+v", s, c.stats)
					}
				})
			})
		}
	}
}

func TestABatchCostsNoAllocation(t *testing.T) {
	a, b := cable(t, Config{Batch: 32}, Config{Direct: true, Batch: 32})
	gathered := 0
	b.SetEthRecvHandler(func([]byte) { gathered++ })
	b.SetEthRecvBatchHandler(func(f [][]byte) { gathered += len(f) })
	f := frames(a, b, 32, 1514)
	if n := testing.AllocsPerRun(100, func() { sendAll(t, a, f) }); n > 0 || gathered < 3200 {
		t.Errorf("%v allocations, %d frames", n, gathered)
	}
}

func BenchmarkBatch(b *testing.B) {
	x, y := cable(b, Config{Batch: 32}, Config{Direct: true, Batch: 32})
	y.SetEthRecvHandler(func([]byte) {})
	y.SetEthRecvBatchHandler(func([][]byte) {})
	f := frames(x, y, 32, 1514)
	b.SetBytes(32 * 1514)
	b.ReportAllocs()
	for b.Loop() {
		sendAll(b, x, f)
	}
}
