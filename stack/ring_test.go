package stack

import "testing"

func TestShortFramesLeaveTheFullOneToWhatNeedsIt(t *testing.T) {
	for _, preallocate := range []bool{false, true} {
		r := newRing(3, 1000, 2, 100, preallocate)
		take := func(n, want int) {
			t.Helper()
			f := r.next(n)
			if f == nil {
				t.Fatal("no frame")
			}
			if len(f.buf) != want {
				t.Errorf("a frame of %d bytes for %d, want %d", len(f.buf), n, want)
			}
			r.push()
		}
		for range 5 {
			take(80, 100)
			if n := r.roomFull(); n != 1 {
				t.Errorf("%d full frames are free", n)
			}
			take(101, 1000)
			if r.roomFull() != 0 || r.nextFull() != nil || r.next(101) != nil {
				t.Error("there is more than one full frame")
			}
			take(100, 100)
			if r.next(1) != nil {
				t.Error("there are more than three frames")
			}
			r.release(2)
			take(1, 100)
			take(1, 1000) // nothing else is left
			r.release(3)
		}
	}
}
