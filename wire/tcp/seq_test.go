package tcp_test

import (
	"math"
	"testing"

	"github.com/netdev-go/netdev/wire/tcp"
)

func TestSeqOrderWrapsAround(t *testing.T) {
	for _, c := range []struct {
		s, t tcp.Seq
		diff int
	}{
		{0, 0, 0},
		{0, 1, -1},
		{1, 0, 1},
		{math.MaxUint32, 0, -1},
		{0, math.MaxUint32, 1},
		{0xfffffff0, 0x10, -0x20},
		{0x10, 0xfffffff0, 0x20},
		{0, 1<<31 - 1, -(1<<31 - 1)},
		{1<<31 - 1, 0, 1<<31 - 1},
		{1 << 31, 1, 1<<31 - 1},
		{math.MaxUint32, math.MaxUint32, 0},
	} {
		if got := c.s.Diff(c.t); got != c.diff {
			t.Errorf("%#x.Diff(%#x) = %d, want %d", c.s, c.t, got, c.diff)
		}
		if got := c.s.Less(c.t); got != (c.diff < 0) {
			t.Errorf("%#x.Less(%#x) = %v", c.s, c.t, got)
		}
		if got := c.s.LessEq(c.t); got != (c.diff <= 0) {
			t.Errorf("%#x.LessEq(%#x) = %v", c.s, c.t, got)
		}
		if got := c.t.Add(c.diff); got != c.s {
			t.Errorf("%#x.Add(%d) = %#x, want %#x", c.t, c.diff, got, c.s)
		}
	}
}

func TestSeqInWindow(t *testing.T) {
	for _, c := range []struct {
		s, first tcp.Seq
		size     uint32
		want     bool
	}{
		{5, 5, 0, false},
		{5, 5, 1, true},
		{6, 5, 1, false},
		{4, 5, 10, false},
		{14, 5, 10, true},
		{15, 5, 10, false},
		{math.MaxUint32, math.MaxUint32, 2, true},
		{0, math.MaxUint32, 2, true},
		{1, math.MaxUint32, 2, false},
		{0xfffffffe, math.MaxUint32, 2, false},
		{1 << 30, 0, 1<<30 + 1, true}, // the largest window that scaling allows
		{1<<30 + 1, 0, 1<<30 + 1, false},
	} {
		if got := c.s.In(c.first, c.size); got != c.want {
			t.Errorf("%#x.In(%#x, %d) = %v, want %v", c.s, c.first, c.size, got, c.want)
		}
	}
}
