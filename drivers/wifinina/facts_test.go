//go:build !tinygo

package wifinina

import (
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/nina"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

func TestTheVersionDecidesWhichCommandsThereAre(t *testing.T) {
	for version, want := range map[string]bool{
		"1.0.0": true, "1.2.4": true, "1.4.8": true, "1.5.0": false, "1.5.0-rc1": false, "1.10.1": false, "2.0.0": false,
		"3.0.0": false, "0.9.9": true, "": true, "x": true, "1": true, "2": false, "1.5": false, "99999999999999999999.0": true,
	} {
		if got := olderThan(version, 1, 5); got != want {
			t.Errorf("%q is older than 1.5: %v", version, got)
		}
	}
	if got := text([]byte("2.0.0\x00\x00")); got != "2.0.0" {
		t.Errorf("a version with its NUL: %q", got)
	}
}

func TestAddressesAreReadFromTheirEnd(t *testing.T) {
	if got := reversed([]byte{0x56, 0x34, 0x12, 0xC4, 0x0A, 0x24}); got != [6]byte{0x24, 0x0A, 0xC4, 0x12, 0x34, 0x56} {
		t.Errorf("% x", got)
	}
	reversed(make([]byte, 40))
}

func TestMasksAndTheirLengths(t *testing.T) {
	for bits := 0; bits <= 32; bits++ {
		if got := maskBits(mask(bits)); got != bits {
			t.Errorf("%d: %v is %d", bits, mask(bits), got)
		}
	}
	if mask(20) != [4]byte{255, 255, 240, 0} || maskBits([4]byte{255, 0, 255, 0}) != -1 {
		t.Error("a mask of 20 bits, or one with a hole")
	}
}

func TestErrorNumbersAreNewlibs(t *testing.T) {
	c := &chip{}
	for number, want := range map[byte]error{
		11: netdev.ErrWouldBlock, 12: netdev.ErrWouldBlock, 105: netdev.ErrWouldBlock, 23: netdev.ErrNoMoreSockets,
		104: netdev.ErrConnReset, 113: netdev.ErrConnReset, 109: netdev.ErrNotSupported, 111: netdev.ErrConnRefused,
		112: netdev.ErrAddrInUse, 114: netdev.ErrNetUnreachable, 116: netdev.ErrConnTimedOut, 118: netdev.ErrHostUnreachable,
		119: netdev.ErrInProgress, 127: netdev.ErrIsConnected, 77: netdev.ErrConnReset,
	} {
		if got := c.explain(&sock{}, number); got != want {
			t.Errorf("%d: %v, want %v", number, got, want)
		}
	}
	if got := c.explainDial(&sock{}, 104); got != netdev.ErrConnRefused {
		t.Errorf("a reset while connecting: %v", got)
	}
	if got := c.explainDial(&sock{}, 113); got != netdev.ErrConnTimedOut {
		t.Errorf("an abort while connecting: %v", got)
	}
	s := sock{num: 54}
	if got := c.explain(&s, 9); got != netdev.ErrConnReset || s.num != none {
		t.Errorf("a descriptor that is closed: %v, and its number is %d", got, s.num)
	}
}

// The chip gives a number out again as soon as it has closed what had it.
func TestANumberThatIsGivenOutAnewIsTakenFromWhoHadIt(t *testing.T) {
	var table table
	a := table.add(offload.Stream, false, 54)
	b := table.add(offload.Stream, true, 54) // a slot is another thing
	c := table.add(offload.Stream, false, 54)
	if table[a].num != none || table[b].num != 54 || table[c].num != 54 || table.inChip() != 2 {
		t.Errorf("%+v", table[:3])
	}
	for table.add(offload.Stream, false, none) >= 0 {
	}
	if id := table.add(offload.Datagram, false, 55); id != -1 {
		t.Errorf("a full table has room at %d", id)
	}
}

func TestBroadcastsAreKnown(t *testing.T) {
	c := &chip{prefix: netip.MustParsePrefix("10.0.2.15/23")}
	for addr, want := range map[string]bool{"255.255.255.255": true, "10.0.3.255": true, "10.0.2.255": false, "10.0.4.255": false} {
		if got := c.isBroadcast(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %v", addr, got)
		}
	}
}

func TestNothingIsAskedForThatOverrunsTheFirmwaresBuffer(t *testing.T) {
	// Behind a reply's head of 5 bytes, or 15 of a datagram's, and before its end.
	if maxSlotRead+6 > nina.MaxFrame || maxRead+16 > nina.MaxFrame || maxDatagram > 1500 {
		t.Error("a reply may be longer than the buffer it is made in")
	}
}
