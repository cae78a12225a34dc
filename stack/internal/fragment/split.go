package fragment

import "github.com/netdev-go/netdev/wire/ipv4"

// Fragments walks over the fragments of a packet. It is made by [Split] and used
// up by Next:
//
//	for f := fragment.Split(h, len(payload), mtu); f.Next(); {
//		n := f.Header.Emit(b)
//		n += copy(b[n:], payload[f.Offset:f.Offset+f.Len])
//	}
type Fragments struct {
	Header ipv4.Header // of the fragment
	Offset int         // where in the payload the fragment's begins
	Len    int         // how much of it there is
}

// Split takes a packet with header h and a payload of that many bytes apart for a
// link that carries mtu bytes. Options that are not to be copied stand in the
// first fragment only. There is nothing to walk over if the packet is longer than
// 65535 bytes, or the link carries less than [ipv4.MinMTU]. That h says not to
// fragment is for the caller to heed.
func Split(h ipv4.Header, payload, mtu int) Fragments { return Fragments{} }

// Next goes on to the next fragment, and tells whether there is one.
func (f *Fragments) Next() bool { return false }
