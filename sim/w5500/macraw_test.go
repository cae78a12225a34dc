package w5500_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/netdev-go/netdev/sim/w5500"
	"github.com/netdev-go/netdev/wire/ethernet"
)

var other = [6]byte{2, 9, 9, 9, 9, 9}

// raw returns a frame of the shortest length.
func raw(dst [6]byte, typ ethernet.EtherType, text string) []byte {
	b := make([]byte, 60)
	h := ethernet.Header{Dst: dst, Src: other, Type: typ}
	copy(b[h.Emit(b):], text)
	return b
}

func TestMACRAWFramesComeBehindTheirLengthWhichCountsItself(t *testing.T) {
	bare(t, w5500.Config{}, func(r *rig) {
		r.write(0, shar, chipMAC[:]...)
		time.Sleep(time.Second) // for what the peer says when its link comes up
		r.open(0, 4, 0)
		r.until(0, macraw)
		f := raw(chipMAC, 0x88B5, "hello")
		must(t, r.peerDev.SendOffsetEthFrame(f))
		r.event(0, received)
		if got := r.take(0, 62); !bytes.Equal(got, append([]byte{0, 62}, f...)) {
			t.Errorf("received % X", got)
		}
		heard := make(chan []byte, 1)
		r.peerDev.SetEthRecvHandler(func(b []byte) { heard <- append([]byte(nil), b...) })
		r.put(0, raw(other, 0x88B5, "out")[:20])
		r.event(0, sendOK)
		if got := <-heard; !bytes.Equal(got, raw(other, 0x88B5, "out")) {
			t.Errorf("sent % X", got)
		}
	})
}

func TestMACRAWFilters(t *testing.T) {
	all := ethernet.Broadcast
	group := [6]byte{0x01, 0, 0x5E, 0, 0, 1}
	frames := map[string][]byte{
		"own": raw(chipMAC, 0x88B5, "own"), "other": raw(other, 0x88B5, "other"), "all": raw(all, 0x88B5, "all"),
		"group": raw(group, 0x88B5, "group"), "v6": raw(chipMAC, ethernet.TypeIPv6, "v6"),
	}
	for _, f := range []struct {
		mode byte
		pass string
	}{
		{0x04, "own other all group v6"}, {0x84, "own all group v6"}, {0x44, "own other group v6"},
		{0x24, "own other all v6"}, {0x14, "own other all group"}, {0xF4, "own"},
	} {
		bare(t, w5500.Config{}, func(r *rig) {
			time.Sleep(time.Second)
			r.write(0, shar, chipMAC[:]...)
			r.open(0, f.mode, 0)
			want := 0
			for _, name := range []string{"own", "other", "all", "group", "v6"} {
				must(t, r.peerDev.SendOffsetEthFrame(frames[name]))
				if bytes.Contains([]byte(" "+f.pass+" "), []byte(" "+name+" ")) {
					want += 62
				}
			}
			time.Sleep(10 * time.Millisecond)
			if got := len(r.take(0, want)); got != want {
				t.Errorf("mode %02X: %d frames pass, want %s", f.mode, got/62, f.pass)
			}
		})
	}
}

func TestMACRAWIsSocket0sAndNeedsACable(t *testing.T) {
	bare(t, w5500.Config{}, func(r *rig) {
		r.open(1, 4, 0)
		if got := r.reg(1, snSR); got != closed {
			t.Errorf("socket 1 is %02X", got)
		}
	})
	c := w5500.New(w5500.Config{})
	defer c.Stop()
	r := &rig{TB: t, Chip: c}
	r.open(0, 4, 0)
	if got := r.reg(0, snSR); got != closed {
		t.Errorf("without a cable socket 0 is %02X", got)
	}
}

func TestMACRAWFramesThatDoNotFitAreLostWhole(t *testing.T) {
	bare(t, w5500.Config{}, func(r *rig) {
		time.Sleep(time.Second)
		r.open(0, 4, 0)
		for range 40 {
			must(t, r.peerDev.SendOffsetEthFrame(raw(chipMAC, 0x88B5, "")))
		}
		time.Sleep(10 * time.Millisecond)
		if got := len(r.take(0, 1)); got != 33*62 {
			t.Errorf("%d bytes are in a buffer of 2048", got)
		}
	})
}
