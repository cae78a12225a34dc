package ether

import (
	"encoding/binary"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var everybody = [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// numbered returns a frame of n bytes that carries a number.
func numbered(dst, src [6]byte, number, n int) []byte {
	f := make([]byte, max(n, headerLen+4))
	copy(f, dst[:])
	copy(f[6:], src[:])
	f[12], f[13] = 0x88, 0xb5 // for local experiments
	binary.BigEndian.PutUint32(f[headerLen:], uint32(number))
	return f
}

func number(frame []byte) int { return int(binary.BigEndian.Uint32(frame[headerLen:])) }

func mac(d *Device) [6]byte {
	m, _ := d.HardwareAddr6()
	return m
}

// An inbox keeps what a device receives, and when.
type inbox struct {
	mu     sync.Mutex
	frames [][]byte
	at     []time.Duration
}

func receive(d *Device) *inbox {
	in := &inbox{}
	start := time.Now()
	d.SetEthRecvHandler(func(frame []byte) {
		in.mu.Lock()
		defer in.mu.Unlock()
		in.frames = append(in.frames, slices.Clone(frame))
		in.at = append(in.at, time.Since(start))
	})
	return in
}

// numbers waits, inside a bubble, until nothing goes on, and returns what came.
func (in *inbox) numbers() []int {
	synctest.Wait()
	in.mu.Lock()
	defer in.mu.Unlock()
	n := []int{}
	for _, f := range in.frames {
		n = append(n, number(f))
	}
	return n
}

func (in *inbox) times() []time.Duration {
	synctest.Wait()
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Clone(in.at)
}

func cable(t testing.TB, a, b Config) (*Device, *Device) {
	t.Helper()
	x, y, err := Cable(a, b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		x.Close()
		y.Close()
	})
	return x, y
}

func open(t testing.TB, s *Switch, c Config) *Device {
	t.Helper()
	d, err := s.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func send(t testing.TB, d *Device, dst [6]byte, numbers ...int) {
	t.Helper()
	for _, n := range numbers {
		if err := d.SendOffsetEthFrame(numbered(dst, mac(d), n, 60)); err != nil {
			t.Error(err)
		}
	}
}

func impair(t testing.TB, d *Device, dir Direction, text string) {
	t.Helper()
	i, err := ParseImpairment(text)
	if err == nil {
		err = d.Impair(dir, i)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func wantNumbers(t *testing.T, in *inbox, want ...int) {
	t.Helper()
	if got := in.numbers(); !slices.Equal(got, want) {
		t.Errorf("received %v, want %v", got, want)
	}
}

func upTo(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}
