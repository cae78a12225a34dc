package ipv4

import (
	"bytes"
	"testing"
)

func FuzzPacket(f *testing.F) {
	for _, v := range vectors {
		f.Add(v.packet)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		q, quoteErr := ParseQuote(b)
		p, err := Parse(b)
		if err != nil {
			if quoteErr == nil && len(q) >= q.TotalLen() {
				t.Errorf("%v for a packet that is whole as a quote", err)
			}
			p = q
		}
		if p == nil {
			return
		}
		h := p.Header()
		out := dirty(len(p))
		n := h.Emit(out)
		copy(out[n:], p.Payload())

		want := bytes.Clone(p)
		Packet(want).FillChecksum()
		if !bytes.Equal(out, want) {
			t.Errorf("%x became %x", want, out)
		}
		again, err := ParseQuote(out)
		if err != nil || !again.ChecksumOK() || !same(again.Header(), h) {
			t.Errorf("%+v came back as %+v, %v", h, again.Header(), err)
		}
		end := HeaderLen
		opts := p.Options()
		for opts.Next() {
			if opts.Offset() < end || !bytes.Equal(p[opts.Offset():][:len(opts.Option())], opts.Option()) {
				t.Errorf("option %x is not at %d", []byte(opts.Option()), opts.Offset())
			}
			end = opts.Offset() + 2 + len(opts.Option().Data())
		}
		if end > p.HeaderLen() || p.IsFragment() != (p.FragmentOffset() > 0 || p.Flags()&MoreFragments != 0) {
			t.Errorf("options to %d, fragment %v", end, p.IsFragment())
		}
		p.HasRouterAlert()
	})
}
