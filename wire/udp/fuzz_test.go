package udp_test

import (
	"testing"

	"github.com/netdev-go/netdev/wire/udp"
)

func FuzzDatagram(f *testing.F) {
	f.Add(unhex(f, captured))
	f.Add(append(unhex(f, captured), "padding"...))
	f.Add(make([]byte, udp.HeaderLen))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := udp.Parse(b)
		if err != nil {
			return
		}
		if int(d.Length()) != len(d) || len(d.Payload()) != len(d)-udp.HeaderLen {
			t.Fatal("the view is not cut to its length")
		}
		d.ChecksumOK(loopback, loopback)
		h := d.Header()
		out := dirty(len(d))
		copy(out[h.Emit(out):], d.Payload())
		again, err := udp.Parse(out)
		if err != nil || string(again) != string(d) || again.Header() != h {
			t.Fatalf("% x became % x, %v", []byte(d), out, err)
		}
		again.FillChecksum(v6src, v6dst)
		if !again.ChecksumOK(v6src, v6dst) || again.Checksum() == 0 {
			t.Fatalf("filled in %#04x", again.Checksum())
		}
	})
}
