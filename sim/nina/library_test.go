package nina_test

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev/sim/nina"
	"github.com/netdev-go/netdev/sim/radio"
)

// These talk to the chip as the vendor's own library does, in what it sends, in how
// far it reads, and in that it asks for data only while GPIO0 is high.

// say exchanges a command of that library's.
func (w *world) say(command string, want string) {
	w.t.Helper()
	w.begin(unhex(w.t, command))
	b := unhex(w.t, want)
	if got := w.end(len(b)); !bytes.Equal(got, b) {
		w.t.Errorf("%s\nis answered % X\nwant        % X", command, got, b)
	}
}

// untilData waits until GPIO0 is high.
func (w *world) untilData() {
	w.t.Helper()
	w.until("GPIO0 high", w.chip.DataReady)
}

func TestAServerAsTheLibraryHasIt(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.join()
		w.say("E0 3F 00 EE", "E0 BF 01 01 00 EE")
		w.say("E0 28 03 02 0050 01 00 01 00 EE FF", "E0 A8 01 01 01 EE")
		w.say("E0 29 01 01 00 EE FF FF", "E0 A9 01 01 01 EE")
		time.Sleep(time.Second)
		if w.chip.DataReady() {
			t.Error("GPIO0 is high before anybody has come")
		}
		c := dial(t, w.host("peer"), w.own(80))
		c.Write([]byte("GET /\r\n"))
		w.untilData()
		w.say("E0 2B 01 01 00 EE FF FF", "E0 AB 01 02 01 00 EE")
		w.say("E0 2F 01 01 01 EE FF FF", "E0 AF 01 01 04 EE")
		w.untilData()
		w.say("E0 45 02 0001 01 0002 DC05 EE FF", "E0 C5 01 0007 47 45 54 20 2F 0D 0A EE")
		time.Sleep(time.Second)
		if w.chip.DataReady() {
			t.Error("GPIO0 is high after everything was read")
		}
		w.say("E0 44 02 0001 01 0004 70 6F 6E 67 EE FF FF FF", "E0 C4 01 02 04 00 EE")
		w.say("E0 2A 01 01 01 EE FF FF", "E0 AA 01 01 01 EE")
		w.say("E0 2E 01 01 01 EE FF FF", "E0 AE 01 01 01 EE")
		w.say("E0 2F 01 01 01 EE FF FF", "E0 AF 01 01 00 EE")
		if got := fin(t, c); got != "pong" {
			t.Errorf("the peer has %q", got)
		}
		w.noAbuse()
	})
}

func TestMulticastAsTheLibraryHasIt(t *testing.T) {
	air := radio.Anywhere()
	inWorld(t, nina.Config{Air: air}, func(t *testing.T, w *world) {
		w.join()
		w.say("E0 28 04 04 E0000142 02 14E9 01 00 01 03 EE", "E0 A8 01 01 01 EE")
		peer := listenPacket(t, w.host("peer"), ":5353")
		group := netip.MustParseAddrPort("224.0.1.66:5353")
		for range 2 {
			must(t, writeTo(peer, "to all", group))
			w.untilData()
			w.say("E0 2B 01 01 00 EE FF FF", "E0 AB 01 02 06 00 EE")
			w.say("E0 45 02 0001 00 0002 DC05 EE FF", "E0 C5 01 0006 74 6F 20 61 6C 6C EE")
			// Another network does not change that.
			air.Drop("")
			air.Return("")
			w.join()
		}
		w.noAbuse()
	})
}

func TestAConversationAsTheLibraryHasIt(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.join()
		h := w.host("peer")
		shout(t, h, ":80")
		addr, _ := h.Addr()
		slot := w.legacyDial(netip.AddrPortFrom(addr, 80))
		text := bytes.Repeat([]byte("0123456789abcdef"), 200)
		var got []byte
		for sent := 0; len(got) < len(text); {
			if sent < len(text) {
				r := w.call(0x44, b1(slot), text[sent:min(sent+1400, len(text))])
				sent += int(r[0][0]) | int(r[0][1])<<8
			}
			w.untilData()
			want := w.byteOf(0x2C, b1(slot), b1(1))
			if b := w.byteOf(0x2C, b1(slot), b1(0)); b != want {
				t.Fatalf("peeked at %02X, and read %02X", want, b)
			}
			got = append(got, want)
			got = append(got, w.call16(0x45, b1(slot), le(1500))...)
		}
		if !bytes.Equal(got, bytes.ToUpper(text)) {
			t.Error("other bytes came back")
		}
		w.noAbuse()
	})
}
