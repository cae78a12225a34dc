package gso

import (
	"encoding/binary"
	"errors"

	"github.com/netdev-go/netdev/internal/checksum"
)

// ErrNotCuttable is returned by Cut for what is no frame of the kind that it cuts.
var ErrNotCuttable = errors.New("gso: no TCP segment that can be cut")

const (
	ethernetLen = 14
	ipv4Len     = 20
	ipv6Len     = 40
	tcpLen      = 20

	typeIPv4 = 0x0800
	typeIPv6 = 0x86dd
	protocol = 6
)

// Flags of TCP.
const (
	flagFIN = 0x01
	flagSYN = 0x02
	flagRST = 0x04
	flagPSH = 0x08
	flagURG = 0x20
	flagCWR = 0x80
)

// A Cutter writes the frames that one was cut into.
type Cutter struct {
	frame []byte // without padding behind the packet
	mss   int
	tcp   int // where the header begins
	data  int // where the data begins
	next  int // data that was written
	count int // frames that were written

	pseudo checksum.Sum // without the length
	header checksum.Sum // of TCP's, without what differs
}

// Cut returns what writes frame in pieces of mss bytes of data.
func Cut(frame []byte, mss int) (Cutter, error) {
	c := Cutter{mss: mss}
	if len(frame) < ethernetLen+ipv4Len || mss <= 0 {
		return c, ErrNotCuttable
	}
	ip := frame[ethernetLen:]
	length := 0
	switch typ := binary.BigEndian.Uint16(frame[12:]); {
	case typ == typeIPv4 && ip[0]>>4 == 4:
		n := int(ip[0]&15) * 4
		length = int(binary.BigEndian.Uint16(ip[2:]))
		fragment := binary.BigEndian.Uint16(ip[6:])&0x3fff != 0
		if n < ipv4Len || length < n || length > len(ip) || ip[9] != protocol || fragment {
			return c, ErrNotCuttable
		}
		c.tcp = ethernetLen + n
		c.pseudo = checksum.Of(ip[12:20])
	case typ == typeIPv6 && ip[0]>>4 == 6 && len(ip) >= ipv6Len:
		length = ipv6Len + int(binary.BigEndian.Uint16(ip[4:]))
		if length > len(ip) || ip[6] != protocol {
			return c, ErrNotCuttable
		}
		c.tcp = ethernetLen + ipv6Len
		c.pseudo = checksum.Of(ip[8:40])
	default:
		return c, ErrNotCuttable
	}
	c.frame = frame[:ethernetLen+length]
	c.pseudo = c.pseudo.Add(protocol)
	return c, c.look()
}

// look takes in the TCP header.
func (c *Cutter) look() error {
	h := c.frame[c.tcp:]
	if len(h) < tcpLen {
		return ErrNotCuttable
	}
	n := int(h[12]>>4) * 4
	if n < tcpLen || n > len(h) || h[13]&(flagSYN|flagRST|flagURG) != 0 {
		return ErrNotCuttable
	}
	c.data = c.tcp + n
	c.header = checksum.Of(h[:4]).Add(checksum.Of(h[8:12])).Add(checksum.Of(h[14:16])).Add(checksum.Of(h[18:n]))
	return nil
}

// Len returns how many frames there are in all.
func (c *Cutter) Len() int {
	return max(1, (len(c.frame)-c.data+c.mss-1)/c.mss)
}

// Size returns how long the longest of them is.
func (c *Cutter) Size() int { return c.data + min(c.mss, len(c.frame)-c.data) }

// HeaderLen returns how many bytes stand before the data in each of them.
func (c *Cutter) HeaderLen() int { return c.data }

// Next writes the next frame to b, which takes Size bytes, and returns its length. It
// returns 0 when there are no more, or b is shorter than the frame.
func (c *Cutter) Next(b []byte) int {
	whole := len(c.frame) - c.data
	n := min(c.mss, whole-c.next)
	if c.frame == nil || n <= 0 && c.count > 0 || len(b) < c.data+n {
		return 0
	}
	last := c.next+n == whole
	copy(b, c.frame[:c.data])
	sum := checksum.Copy(b[c.data:c.data+n], c.frame[c.data+c.next:c.data+c.next+n])
	c.writeIP(b[ethernetLen:c.tcp], c.data-ethernetLen+n)

	h := b[c.tcp:c.data]
	binary.BigEndian.PutUint32(h[4:], binary.BigEndian.Uint32(h[4:])+uint32(c.next))
	if !last {
		h[13] &^= flagFIN | flagPSH
	}
	if c.count > 0 {
		h[13] &^= flagCWR
	}
	sum = sum.Add(c.header).Add(checksum.Of(h[4:8])).Add(checksum.Of(h[12:14])).
		Add(c.pseudo).Add(checksum.Sum(len(h) + n))
	binary.BigEndian.PutUint16(h[16:], sum.Checksum())
	c.next += n
	c.count++
	return c.data + n
}

// writeIP makes the header fit a packet of the given length.
func (c *Cutter) writeIP(ip []byte, length int) {
	if ip[0]>>4 == 6 {
		binary.BigEndian.PutUint16(ip[4:], uint16(length-ipv6Len))
		return
	}
	binary.BigEndian.PutUint16(ip[2:], uint16(length))
	binary.BigEndian.PutUint16(ip[4:], binary.BigEndian.Uint16(ip[4:])+uint16(c.count))
	ip[10], ip[11] = 0, 0
	binary.BigEndian.PutUint16(ip[10:], checksum.Of(ip).Checksum())
}
