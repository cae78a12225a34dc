package rtl8720dn

import (
	"context"
	"net/netip"
	"time"
)

func init() {
	register(serviceLwIP, map[uint8]handler{
		0x01: (*session).lwipAccept,
		0x02: (*session).lwipBind,
		0x03: (*session).lwipShutdown,
		0x04: func(s *session, c *call) { s.lwipName(c, s.network.GetPeerName) },
		0x05: func(s *session, c *call) { s.lwipName(c, s.network.GetSockName) },
		0x06: (*session).lwipGetSockOpt,
		0x07: (*session).lwipSetSockOpt,
		0x08: func(s *session, c *call) {
			if n := c.i32(); !c.short {
				c.putI32(s.close(n))
			}
		},
		0x09: (*session).lwipConnect,
		0x0A: (*session).lwipListen,
		0x0B: func(s *session, c *call) {
			if n := c.i32(); !c.short {
				c.putI32(s.available(n))
			}
		},
		0x0C: (*session).lwipRecv,
		0x0D: (*session).lwipRead,
		0x0E: (*session).lwipRecvFrom,
		0x0F: (*session).lwipSend,
		0x10: func(s *session, _ *call) { s.crash("sendmsg writes through a pointer that nobody has set") },
		0x11: (*session).lwipSendTo,
		0x12: (*session).lwipSocket,
		0x13: (*session).lwipWrite,
		0x14: (*session).lwipWriteV,
		0x15: (*session).lwipSelect,
		0x16: (*session).lwipIoctl,
		0x17: (*session).lwipFcntl,
		0x18: func(s *session, c *call) { c.putI32(s.lwip.errno) },
		0x19: (*session).netconnGetHostByName,
		0x1A: func(s *session, _ *call) { s.crash("dns_gethostbyname_addrtype frees what its reply is made of") },
	})
}

func (s *session) lwipSocket(c *call) {
	domain, stype, protocol := c.i32(), c.i32(), c.i32()
	if !c.short {
		c.putI32(s.open(domain, stype, protocol))
	}
}

// lwipAccept has nowhere to return the peer's address in.
func (s *session) lwipAccept(c *call) {
	n, _, addrLen := c.i32(), c.binary(), c.u32()
	if c.short {
		return
	}
	c.putU32(addrLen)
	c.putI32(s.accept(n))
}

func (s *session) lwipBind(c *call) {
	n, name, _ := c.i32(), c.binary(), c.u32()
	if !c.short {
		c.putI32(s.bind(n, name))
	}
}

func (s *session) lwipConnect(c *call) {
	n, name, _ := c.i32(), c.binary(), c.u32()
	if !c.short {
		c.putI32(s.connect(n, name))
	}
}

func (s *session) lwipListen(c *call) {
	n, backlog := c.i32(), c.i32()
	if !c.short {
		c.putI32(s.listen(n, backlog))
	}
}

func (s *session) lwipShutdown(c *call) {
	n, how := c.i32(), c.i32()
	if !c.short {
		c.putI32(s.shutdown(n, how))
	}
}

func (s *session) lwipName(c *call, of func(fd int) (netip.AddrPort, error)) {
	n, nameLen := c.i32(), c.u32()
	if c.short {
		return
	}
	name, r := s.name(n, of)
	c.putBinary(name[:])
	c.putU32(nameLen)
	c.putI32(r)
}

// Replies of receiving calls have so many bytes beside the data.
const (
	recvOverhead     = messageStart + 4 + 4
	recvFromOverhead = recvOverhead + 4 + sockaddrSize + 4

	// heap is what the firmware has to allocate from; it does not check.
	heap = 64 << 10
)

// fits reports whether a receive can be asked for that many bytes. One whose reply
// might not fit is served, and what does not fit is lost; one that no memory is
// there for ends the firmware.
func (s *session) fits(size uint32, overhead int) bool {
	if size >= heap {
		s.crash("a receive of %d bytes, which no memory is there for", size)
		return false
	}
	if int(size)+overhead > bufferSize {
		s.chip.hurt("a receive of %d bytes, whose reply may not fit", size)
	}
	return true
}

// putData writes what was received: a byte of junk where that is nothing.
func (s *session) putData(c *call, b []byte) {
	if len(b) == 0 {
		b = []byte{s.lwip.junk}
	}
	c.putBinary(b)
}

func (s *session) lwipRecv(c *call) {
	n, size, flags, _ := c.i32(), c.u32(), c.i32(), c.u32()
	if c.short || !s.fits(size, recvOverhead) {
		return
	}
	b, _, r := s.read(n, int(size), flags)
	s.putData(c, b)
	c.putI32(r)
}

func (s *session) lwipRead(c *call) {
	n, size, _ := c.i32(), c.u32(), c.u32()
	if c.short || !s.fits(size, recvOverhead) {
		return
	}
	b, _, r := s.read(n, int(size), 0)
	s.putData(c, b)
	c.putI32(r)
}

func (s *session) lwipRecvFrom(c *call) {
	n, size, flags, fromLen, _ := c.i32(), c.u32(), c.i32(), c.u32(), c.u32()
	if c.short || !s.fits(size, recvFromOverhead) {
		return
	}
	b, from, r := s.read(n, int(size), flags)
	var name [sockaddrSize]byte
	if from.IsValid() {
		name = sockaddr(from)
		fromLen = min(fromLen, sockaddrSize)
	}
	s.putData(c, b)
	c.putBinary(name[:])
	c.putU32(fromLen)
	c.putI32(r)
}

func (s *session) lwipSend(c *call) {
	n, b, flags := c.i32(), c.binary(), c.i32()
	if !c.short {
		c.putI32(s.write(n, b, flags, netip.AddrPort{}))
	}
}

func (s *session) lwipSendTo(c *call) {
	n, b, flags, name, _ := c.i32(), c.binary(), c.i32(), c.binary(), c.u32()
	if c.short {
		return
	}
	to, ok := parseSockaddr(name)
	if !ok {
		c.putI32(s.fail(nil, eInval))
		return
	}
	c.putI32(s.write(n, b, flags, to))
}

func (s *session) lwipWrite(c *call) {
	n, b, _ := c.i32(), c.binary(), c.u32()
	if !c.short {
		c.putI32(s.write(n, b, 0, netip.AddrPort{}))
	}
}

func (s *session) lwipWriteV(c *call) {
	n, b, _ := c.i32(), c.binary(), c.i32()
	if !c.short {
		c.putI32(s.write(n, b, 0, netip.AddrPort{}))
	}
}

// Commands of fcntl, and its only flag.
const (
	fGetFL    = 3
	fSetFL    = 4
	oNonblock = 1
)

func (s *session) lwipFcntl(c *call) {
	n, cmd, val := c.i32(), c.i32(), c.i32()
	if c.short {
		return
	}
	k := s.socket(n)
	switch {
	case k == nil:
		c.putI32(-1)
	case cmd == fGetFL && k.nonblock:
		c.putI32(done(k, oNonblock))
	case cmd == fGetFL:
		c.putI32(done(k, 0))
	case cmd == fSetFL && val&^oNonblock == 0:
		k.nonblock = val&oNonblock != 0
		c.putI32(done(k, 0))
	default:
		c.putI32(s.fail(k, eInval))
	}
}

// errVal is lwIP's ERR_VAL: what a name that nobody knows, or that nobody could be
// asked for, comes back with.
const errVal = -6

// dnsTime is how long lwIP asks: four times, a little longer each time.
const dnsTime = 10 * time.Second

// netconnGetHostByName holds the chip until the name is known. With a name that is
// not, the address is what was in memory.
func (s *session) netconnGetHostByName(c *call) {
	name := string(c.text())
	if c.short || !s.sleep(s.chip.config.NameTime) {
		return
	}
	for i := range name {
		if name[i] == 0 {
			name = name[:i] // a C string
			break
		}
	}
	if addr, ok := s.lookup(name); ok {
		b := addr.As4()
		c.putBinary(b[:])
		c.putU8(0)
		return
	}
	junk := s.lot.Uint32()
	c.putBinary([]byte{byte(junk), byte(junk >> 8), byte(junk >> 16), byte(junk >> 24)})
	code := int8(errVal)
	c.putU8(uint8(code))
}

func (s *session) lookup(name string) (netip.Addr, bool) {
	if addr, err := netip.ParseAddr(name); err == nil {
		return addr, addr.Is4()
	}
	ctx, cancel := context.WithTimeout(s.ctx, dnsTime)
	defer cancel()
	addrs, err := s.network.LookupNetIP(ctx, "ip4", name)
	if err != nil || len(addrs) == 0 {
		return netip.Addr{}, false
	}
	return addrs[0].Unmap(), true
}
