package netdev_test

import (
	"math"
	"testing"

	"github.com/netdev-go/netdev"
)

func TestOptInt(t *testing.T) {
	for _, c := range []struct {
		value any
		want  int
		err   error
	}{
		{7, 7, nil},
		{-1, -1, nil},
		{true, 1, nil},
		{false, 0, nil},
		{float64(30), 15, nil}, // TinyGo's net: half seconds
		{float64(31), 15, nil},
		{float64(2), 1, nil},
		{float64(1), 1, nil},
		{float64(0), 1, nil},
		{math.Inf(-1), 1, nil},
		{"7", 0, netdev.ErrInvalid},
		{int64(7), 0, netdev.ErrInvalid},
		{nil, 0, netdev.ErrInvalid},
	} {
		if got, err := netdev.OptInt(c.value); got != c.want || err != c.err {
			t.Errorf("OptInt(%T %v) = %d, %v, want %d, %v", c.value, c.value, got, err, c.want, c.err)
		}
	}
}

func TestOptBool(t *testing.T) {
	for _, c := range []struct {
		value any
		want  bool
		err   error
	}{
		{true, true, nil},
		{false, false, nil},
		{1, true, nil},
		{-1, true, nil},
		{0, false, nil},
		{1.0, false, netdev.ErrInvalid},
		{"true", false, netdev.ErrInvalid},
		{nil, false, netdev.ErrInvalid},
	} {
		if got, err := netdev.OptBool(c.value); got != c.want || err != c.err {
			t.Errorf("OptBool(%T %v) = %v, %v, want %v, %v", c.value, c.value, got, err, c.want, c.err)
		}
	}
}
