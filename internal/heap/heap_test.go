package heap

import (
	"runtime"
	"testing"
)

var (
	keepBytes []byte
	keepNodes []*byte
)

// taken returns what one allocation of f took.
func taken(f func()) int {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 100 {
		f()
	}
	runtime.ReadMemStats(&after)
	return int(after.TotalAlloc-before.TotalAlloc) / 100
}

func TestSizesAreThoseOfTheAllocator(t *testing.T) {
	for _, n := range []int{17, 100, 128, 129, 300, 500, 504, 505, 1000, 1017, 1400, 3000, 5000, 9000, 20000, 32000, 33000, 70000} {
		if got, want := taken(func() { keepBytes = make([]byte, n) }), Bytes(n); got > want+want/50+8 || got < want-want/8-8 {
			t.Errorf("%d bytes take %d, not %d", n, got, want)
		}
		words := (n + wordBits/8 - 1) / (wordBits / 8)
		if got, want := taken(func() { keepNodes = make([]*byte, words) }), Object(words*wordBits/8); got > want+want/50+8 || got < want-want/8-8 {
			t.Errorf("%d bytes with pointers take %d, not %d", n, got, want)
		}
	}
	if Bytes(0) != 0 || Object(0) != 0 {
		t.Error("nothing takes something")
	}
}
