package fragment

import "github.com/netdev-go/netdev/wire/ipv4"

// Fragments walks over the fragments of a packet. It is made by [Split] and used
// up by Next:
//
//	for f := fragment.Split(h, len(payload), mtu); f.Next(); {
//		n := f.Emit(b)
//		n += copy(b[n:], payload[f.Offset:f.Offset+f.Len])
//		send(b[:n])
//	}
type Fragments struct {
	Offset int // where in the packet's payload the fragment's begins
	Len    int // how long the fragment's payload is

	header  ipv4.Header
	payload int // of the packet
	mtu     int
	more    bool
}

// Split takes a packet with header h and a payload of that many bytes apart for a
// link that carries mtu bytes. It walks over nothing if the packet is longer than
// 65535 bytes, or the link carries less than [ipv4.MinMTU]. Whether h allows it to
// be taken apart is for the caller to heed. A packet that is a fragment itself is
// taken apart further.
func Split(h ipv4.Header, payload, mtu int) Fragments {
	if mtu < ipv4.MinMTU || h.Len()+payload > ipv4.MaxLen {
		return Fragments{}
	}
	return Fragments{header: h, payload: payload, mtu: mtu, more: true}
}

// Next goes on to the next fragment, and tells whether there is one.
func (f *Fragments) Next() bool {
	if !f.more {
		return false
	}
	f.Offset += f.Len
	f.Len = f.payload - f.Offset
	room := f.mtu - f.headerLen()
	if f.more = f.Len > room; f.more {
		f.Len = room &^ 7
	}
	return true
}

// Emit writes the header of the fragment onto b and returns its length. It panics
// if b is shorter.
func (f *Fragments) Emit(b []byte) int {
	h := f.header
	var options [ipv4.MaxOptionsLen]byte
	if f.Offset > 0 {
		h.Options = options[:copied(options[:], h.Options)]
	}
	h.TotalLen = h.Len() + f.Len
	h.FragmentOffset += f.Offset
	if f.more {
		h.Flags |= ipv4.MoreFragments
	}
	return h.Emit(b)
}

func (f *Fragments) headerLen() int {
	if f.Offset == 0 {
		return f.header.Len()
	}
	var options [ipv4.MaxOptionsLen]byte
	h := ipv4.Header{Options: options[:copied(options[:], f.header.Options)]}
	return h.Len()
}

// copied puts those options that belong into every fragment to dst and returns how
// long they are (RFC 791 §3.1).
func copied(dst, options []byte) int {
	n := 0
	for i := 0; i < len(options) && ipv4.OptionType(options[i]) != ipv4.OptionEnd; {
		length := 1
		if ipv4.OptionType(options[i]) != ipv4.OptionNop {
			if i+1 >= len(options) || options[i+1] < 2 || i+int(options[i+1]) > len(options) {
				break
			}
			length = int(options[i+1])
			if ipv4.OptionType(options[i]).Copied() {
				n += copy(dst[n:], options[i:i+length])
			}
		}
		i += length
	}
	return n
}
