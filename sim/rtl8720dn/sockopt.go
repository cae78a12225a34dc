package rtl8720dn

import (
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

// Options, by lwIP's numbers.
const (
	solSocket = 0xFFF
	solTCP    = 6
	solIP     = 0

	soReuseAddr = 0x0004
	soKeepAlive = 0x0008
	soBroadcast = 0x0020
	soSndTimeo  = 0x1005
	soRcvTimeo  = 0x1006
	soError     = 0x1007
	soType      = 0x1008
	soAcceptCon = 0x0002

	tcpKeepAlive = 2 // milliseconds

	ipAddMembership  = 3 // group, interface
	ipDropMembership = 4
)

// An option is one of lwIP's and the one of the Network that does the same.
type option struct {
	level, opt   int32
	toLevel, to  int
	boolean      bool
	stream, dgrm bool // whose it is
}

var options = []option{
	{solSocket, soReuseAddr, netdev.SOL_SOCKET, netdev.SO_REUSEADDR, true, true, true},
	{solSocket, soKeepAlive, netdev.SOL_SOCKET, netdev.SO_KEEPALIVE, true, true, false},
	{solSocket, soBroadcast, netdev.SOL_SOCKET, netdev.SO_BROADCAST, true, false, true},
	{solTCP, 1, netdev.SOL_TCP, netdev.TCP_NODELAY, true, true, false},
	{solTCP, 3, netdev.SOL_TCP, netdev.TCP_KEEPIDLE, false, true, false},
	{solTCP, 4, netdev.SOL_TCP, netdev.TCP_KEEPINTVL, false, true, false},
	{solTCP, 5, netdev.SOL_TCP, netdev.TCP_KEEPCNT, false, true, false},
	{solIP, 1, netdev.IPPROTO_IP, netdev.IP_TOS, false, true, true},
	{solIP, 2, netdev.IPPROTO_IP, netdev.IP_TTL, false, true, true},
	{solIP, 5, netdev.IPPROTO_IP, netdev.IP_MULTICAST_TTL, false, false, true},
	{solIP, 7, netdev.IPPROTO_IP, netdev.IP_MULTICAST_LOOP, true, false, true},
}

func findOption(k *socket, level, opt int32) *option {
	for i := range options {
		o := &options[i]
		if o.level == level && o.opt == opt && (o.stream && k.stype == netdev.SOCK_STREAM || o.dgrm && k.stype == netdev.SOCK_DGRAM) {
			return o
		}
	}
	return nil
}

func (s *session) lwipSetSockOpt(c *call) {
	n, level, opt, value, size := c.i32(), c.i32(), c.i32(), c.binary(), c.u32()
	if c.short {
		return
	}
	if uint64(size) > uint64(len(value)) {
		s.chip.hurt("setsockopt of %d bytes with %d", size, len(value))
		size = uint32(len(value))
	}
	c.putI32(s.setOption(n, level, opt, value[:size]))
}

func (s *session) setOption(n, level, opt int32, value []byte) int32 {
	k := s.socket(n)
	if k == nil {
		return -1
	}
	if level == solIP && (opt == ipAddMembership || opt == ipDropMembership) {
		return s.setMembership(k, opt, value)
	}
	v, ok := intValue(value, level, opt)
	if !ok {
		return s.fail(k, eInval)
	}
	switch {
	case level == solSocket && opt == soSndTimeo:
		k.sendTime = time.Duration(v) * time.Millisecond
		return done(k, 0)
	case level == solSocket && opt == soRcvTimeo:
		k.recvTime = time.Duration(v) * time.Millisecond
		return done(k, 0)
	case level == solTCP && opt == tcpKeepAlive:
		opt, v = 3, max(1, v/1000)
	}
	o := findOption(k, level, opt)
	if o == nil {
		return s.fail(k, eNoProtoOpt)
	}
	var to any = v
	if o.boolean {
		to = v != 0
	}
	if err := s.network.SetSockOpt(k.fd, o.toLevel, o.to, to); err != nil {
		return s.fail(k, errnoOf(err))
	}
	return done(k, 0)
}

// intValue reads an int, or the byte that multicast options are.
func intValue(b []byte, level, opt int32) (int, bool) {
	if level == solIP && (opt == 5 || opt == 7) && len(b) >= 1 {
		return int(b[0]), true
	}
	if len(b) < 4 {
		return 0, false
	}
	return int(int32(binary.LittleEndian.Uint32(b))), true
}

func (s *session) setMembership(k *socket, opt int32, value []byte) int32 {
	if k.stype != netdev.SOCK_DGRAM {
		return s.fail(k, eNoProtoOpt)
	}
	if len(value) < 8 {
		return s.fail(k, eInval)
	}
	group := netip.AddrFrom4([4]byte(value))
	do := s.network.JoinGroup
	if opt == ipDropMembership {
		do = s.network.LeaveGroup
	}
	if err := do(k.fd, group, ""); err != nil {
		return s.fail(k, eAddrNotAv)
	}
	return done(k, 0)
}

// lwipGetSockOpt returns as many bytes as the request had.
func (s *session) lwipGetSockOpt(c *call) {
	n, level, opt, value, size := c.i32(), c.i32(), c.i32(), c.binary(), c.u32()
	if c.short {
		return
	}
	out := make([]byte, len(value))
	r := s.getOption(n, level, opt, out)
	c.putBinary(out)
	c.putU32(size)
	c.putI32(r)
}

func (s *session) getOption(n, level, opt int32, out []byte) int32 {
	k := s.socket(n)
	if k == nil {
		return -1
	}
	size := 4
	if level == solIP && (opt == 5 || opt == 7) {
		size = 1
	}
	if len(out) < size {
		return s.fail(k, eInval)
	}
	v, errno := s.optionValue(k, level, opt)
	if errno != 0 {
		return s.fail(k, errno)
	}
	if size == 1 {
		out[0] = byte(v)
	} else {
		binary.LittleEndian.PutUint32(out, uint32(v))
	}
	if level == solSocket && opt == soError {
		return 0
	}
	return done(k, 0)
}

func (s *session) optionValue(k *socket, level, opt int32) (int, int32) {
	if level == solSocket {
		switch opt {
		case soError:
			return s.pendingError(k), 0
		case soType:
			return k.stype, 0
		case soAcceptCon:
			if k.listening {
				return 1, 0
			}
			return 0, 0
		case soSndTimeo:
			return int(k.sendTime / time.Millisecond), 0
		case soRcvTimeo:
			return int(k.recvTime / time.Millisecond), 0
		}
	}
	scale := 1
	if level == solTCP && opt == tcpKeepAlive {
		opt, scale = 3, 1000
	}
	o := findOption(k, level, opt)
	if o == nil {
		return 0, eNoProtoOpt
	}
	v, err := s.network.GetSockOpt(k.fd, o.toLevel, o.to)
	if err != nil {
		return 0, errnoOf(err)
	}
	i, err := netdev.OptInt(v)
	if err != nil {
		return 0, eInval
	}
	return i * scale, 0
}

// pendingError is SO_ERROR: that of the last call, which is forgotten, or else what
// has become of the connection.
func (s *session) pendingError(k *socket) int {
	s.connectDone(k)
	e := k.err
	if e == 0 || e == eInProgress {
		e = k.last
		if e == 0 && k.connected {
			e = s.connectionError(k)
		}
	}
	k.err = 0
	return int(e)
}

// connectionError asks the Network, which forgets it with that.
func (s *session) connectionError(k *socket) int32 {
	v, err := s.network.GetSockOpt(k.fd, netdev.SOL_SOCKET, netdev.SO_ERROR)
	if pending, ok := v.(error); ok && err == nil {
		k.last = errnoOf(pending)
	}
	return k.last
}
