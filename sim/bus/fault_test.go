package bus_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/netdev-go/netdev/sim/bus"
)

func TestTheNthByteMeetsItsFault(t *testing.T) {
	for f, want := range map[bus.Fault]string{bus.Lose: "bd", bus.Double: "bccd", bus.Flip: "bad"} {
		mcu, chip := bus.UART(bus.Config{})
		mcu.Write([]byte("a"))
		readAll(chip)
		chip.Inject(bus.Nth(1, f))
		mcu.Write([]byte("b"))
		mcu.Write([]byte("cd"))
		if got := readAll(chip); string(got) != want {
			t.Errorf("%v: %q, want %q", f, got, want)
		}
		chip.Write([]byte("back"))
		if got := readAll(mcu); string(got) != "back" {
			t.Errorf("%v: the other direction has %q", f, got)
		}
		chip.Inject(nil)
		mcu.Write([]byte("bcd"))
		if got := readAll(chip); string(got) != "bcd" {
			t.Errorf("%v: after the last one %q", f, got)
		}
	}
}

func TestASeedRepeatsItsFaultsHoweverBytesAreCut(t *testing.T) {
	data := bytes.Repeat([]byte("the quick brown fox"), 500)
	through := func(seed uint64, cut int) []byte {
		mcu, chip := bus.UART(bus.Config{})
		chip.Inject(bus.Random(seed, bus.Rates{Lost: 0.01, Doubled: 0.01, Flipped: 0.01}))
		var got []byte
		for part := range slices.Chunk(data, cut) {
			mcu.Write(part)
			got = append(got, readAll(chip)...)
		}
		return got
	}
	first := through(1, 7)
	if bytes.Equal(first, data) {
		t.Fatal("no fault")
	}
	if !bytes.Equal(first, through(1, 1000)) {
		t.Error("the same seed has other faults")
	}
	if bytes.Equal(first, through(2, 7)) {
		t.Error("another seed has the same faults")
	}
}

func TestRandomKeepsToItsRates(t *testing.T) {
	f, record := bus.Recorded(bus.Random(7, bus.Rates{Lost: 0.1, Doubled: 0.2, Flipped: 0.3}))
	const n = 20_000
	for i := range int64(n) {
		f(i, byte(i))
	}
	var count [4]int
	for _, in := range record.Faults() {
		count[in.Fault]++
		if in.Was != byte(in.At) {
			t.Fatalf("byte %d was %#x", in.At, in.Was)
		}
	}
	for f, want := range map[bus.Fault]int{bus.Lose: n / 10, bus.Double: n / 5, bus.Flip: n * 3 / 10} {
		if got := count[f]; got < want*9/10 || got > want*11/10 {
			t.Errorf("%d bytes of %d were %v, want about %d", got, n, f, want)
		}
	}
}

func TestARecordTellsWhatHasHappened(t *testing.T) {
	f, record := bus.Recorded(bus.Nth(8, bus.Flip))
	mcu, chip := bus.UART(bus.Config{})
	chip.Inject(f)
	mcu.Write([]byte("0123456789"))
	if got := readAll(chip); string(got) != "0123456799" {
		t.Errorf("%q arrived", got)
	}
	if got, want := record.Faults(), []bus.Injected{{At: 8, Was: '8', Now: '9', Fault: bus.Flip}}; !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}
