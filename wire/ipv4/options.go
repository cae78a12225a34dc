package ipv4

import "encoding/binary"

// OptionType is the first byte of an option.
type OptionType uint8

// Some of the registered types.
const (
	OptionEnd         OptionType = 0
	OptionNop         OptionType = 1
	OptionRecordRoute OptionType = 7
	OptionTimestamp   OptionType = 68
	OptionLooseRoute  OptionType = 131
	OptionStrictRoute OptionType = 137
	OptionRouterAlert OptionType = 148
)

// Copied tells whether the option belongs into every fragment, and not the first
// only.
func (t OptionType) Copied() bool { return t&0x80 != 0 }

// RouterAlert is the option that has routers look at a packet that is not for
// them (RFC 2113), for [Header.Options] of IGMP's packets.
var RouterAlert = [4]byte{byte(OptionRouterAlert), 4, 0, 0}

// Option is a view of one option: its type, its length and its data.
type Option []byte

// Type returns the option's type.
func (o Option) Type() OptionType { return OptionType(o[0]) }

// Data returns what is behind type and length.
func (o Option) Data() []byte { return o[2:] }

// Options walks over the options of a packet. It is made by [Packet.Options] and
// used up by Next:
//
//	for opts := p.Options(); opts.Next(); {
//		use(opts.Option())
//	}
type Options struct {
	b   []byte // what is left
	opt Option
	err error
	at  int // offset of opt in the packet
}

// Options returns the options of p, to be walked over.
func (p Packet) Options() Options {
	return Options{b: p.OptionBytes(), at: HeaderLen}
}

// Next goes on to the next option that is not padding, and tells whether there is
// one. There is none behind one with an impossible length.
func (o *Options) Next() bool {
	o.at += len(o.opt)
	o.opt = nil
	for len(o.b) > 0 && o.err == nil {
		switch OptionType(o.b[0]) {
		case OptionEnd:
			o.b = nil
		case OptionNop:
			o.b = o.b[1:]
			o.at++
		default:
			if len(o.b) < 2 || o.b[1] < 2 || int(o.b[1]) > len(o.b) {
				o.err = ErrOptionLength
				return false
			}
			n := o.b[1]
			o.opt, o.b = Option(o.b[:n]), o.b[n:]
			return true
		}
	}
	return false
}

// Option returns the option that Next went on to.
func (o *Options) Option() Option { return o.opt }

// Offset returns where in the packet the option is that Next went on to or failed
// at, as an ICMP parameter problem points to it.
func (o *Options) Offset() int { return o.at }

// Err returns [ErrOptionLength] if that is why Next found no more.
func (o *Options) Err() error { return o.err }

// HasRouterAlert tells whether the packet asks routers to look at it (RFC 2113).
func (p Packet) HasRouterAlert() bool {
	for opts := p.Options(); opts.Next(); {
		if o := opts.Option(); o.Type() == OptionRouterAlert && len(o) == 4 {
			return binary.BigEndian.Uint16(o.Data()) == 0
		}
	}
	return false
}
