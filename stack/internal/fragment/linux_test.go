package fragment

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/netdev-go/netdev/wire/ipv4"
)

// Fragments that Linux made of UDP datagrams, on a link that carries 576 bytes:
// their headers as captured. The data counts up in steps, modulo a prime.
var linux = []struct {
	name       string
	headers    []string
	udp        string // header
	len        int
	step, over int
	tos        uint8
}{
	{
		"plain",
		[]string{
			"4500023c6eef20004011ebbf7f0000017f000001",
			"4500023c6eef20454011eb7a7f0000017f000001",
			"450001446eef008a40110c2e7f0000017f000001",
		},
		"109214e905807491", 1400, 7, 251, 0,
	},
	{
		// Options that are not copied become as many that do nothing.
		"router alert, record route and ECT(0)",
		[]string{
			"480202406ef020004011442e7f0000017f000001940400000707087f00000100",
			"480202406ef020444011506d7f0000017f000001940400000101010101010100",
			"480200986ef00088401171d17f0000017f000001940400000101010101010100",
		},
		"109214e904b8dbfc", 1200, 11, 241, 2,
	},
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFragmentsOfLinuxArePutTogether(t *testing.T) {
	for _, v := range linux {
		want := unhex(t, v.udp)
		for i := range v.len {
			want = append(want, byte(i*v.step%v.over))
		}
		var all []ipv4.Packet
		at := 0
		for _, s := range v.headers {
			h := unhex(t, s)
			n := int(h[2])<<8 | int(h[3]) - len(h)
			p, err := ipv4.Parse(append(h, want[at:at+n]...))
			if err != nil || !p.ChecksumOK() || p.FragmentOffset() != at {
				t.Fatalf("%s: fragment at %d of %d bytes: %v", v.name, at, n, err)
			}
			all = append(all, p)
			at += n
		}
		for shift := range all {
			r := reassembler()
			for i := range all {
				r.Input(start, all[(i+shift)%len(all)])
			}
			p := r.Take(make([]byte, 2000))
			if p == nil || !bytes.Equal(p.Payload(), want) || p.TOS() != v.tos || !bytes.Equal(p.OptionBytes(), all[0].OptionBytes()) {
				t.Errorf("%s: %x: %+v", v.name, p, r.Counters)
			}
			idle(t, r)
		}
		if len(all[0].OptionBytes()) > 0 {
			continue // which we leave out
		}
		h := all[0].Header()
		h.Flags = 0
		for i, p := range split(t, h, want, 576) {
			if !bytes.Equal(p, all[i]) {
				t.Errorf("%s: fragment %d is %x, Linux's %x", v.name, i, p, all[i])
			}
		}
	}
}
