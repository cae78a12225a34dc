package bus

import (
	"math/rand/v2"
	"sync"
)

// An Injector decides what arrives for the i-th byte of a direction, which is b:
// nothing where it is lost, two where it is doubled, another one where bits have
// flipped. What it returns is read before it is called again. The bus calls it
// for one byte at a time; it must not call the bus.
type Injector func(i int64, b byte) []byte

// Rates are how likely each fault is to meet a byte, from 0 to 1.
type Rates struct {
	Lost, Doubled, Flipped float64
}

// Random returns an Injector of faults by lot. The same seed has the same bytes
// meet the same faults, however they are cut into writes.
func Random(seed uint64, r Rates) Injector {
	lot := rand.New(rand.NewPCG(seed, 0x6275735f666c6970))
	var out [2]byte
	return func(i int64, b byte) []byte {
		x, bit := lot.Float64(), lot.IntN(8)
		out = [2]byte{b, b}
		switch {
		case x < r.Lost:
			return nil
		case x < r.Lost+r.Doubled:
			return out[:2]
		case x < r.Lost+r.Doubled+r.Flipped:
			out[0] ^= 1 << bit
		}
		return out[:1]
	}
}

// A Fault is what happens to one byte.
type Fault uint8

const (
	Lose Fault = iota + 1
	Double
	Flip // one bit, or more than one
)

func (f Fault) String() string {
	switch f {
	case Lose:
		return "lost"
	case Double:
		return "doubled"
	case Flip:
		return "flipped"
	}
	return "unharmed"
}

// Nth returns an Injector that has one fault meet the n-th byte, from 0, and
// leaves all others. A Flip turns the byte's bit n modulo 8.
func Nth(n int64, f Fault) Injector {
	var out [2]byte
	return func(i int64, b byte) []byte {
		out = [2]byte{b, b}
		if i != n {
			return out[:1]
		}
		switch f {
		case Lose:
			return nil
		case Double:
			return out[:2]
		case Flip:
			out[0] ^= 1 << (n & 7)
		}
		return out[:1]
	}
}

// An Injected is a byte that met a fault.
type Injected struct {
	At    int64 // its number in the direction
	Was   byte
	Now   byte // of a Flip
	Fault Fault
}

// A Record is the faults that an Injector has made.
type Record struct {
	mu     sync.Mutex
	faults []Injected
}

// Recorded returns f, and what it will have done.
func Recorded(f Injector) (Injector, *Record) {
	r := new(Record)
	return func(i int64, b byte) []byte {
		out := f(i, b)
		in := Injected{At: i, Was: b}
		switch {
		case len(out) == 0:
			in.Fault = Lose
		case len(out) > 1:
			in.Fault = Double
		case out[0] != b:
			in.Fault, in.Now = Flip, out[0]
		default:
			return out
		}
		r.mu.Lock()
		r.faults = append(r.faults, in)
		r.mu.Unlock()
		return out
	}, r
}

// Faults returns them in their order. The slice is the caller's.
func (r *Record) Faults() []Injected {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Injected(nil), r.faults...)
}
