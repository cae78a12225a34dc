package rtl8720dn

import (
	"encoding/binary"
	"net/netip"

	"github.com/netdev-go/netdev"
)

// Levels and options of lwIP.
const (
	solSocket = 0xFFF

	soReuseAddr = 0x0004
	soKeepAlive = 0x0008
	soBroadcast = 0x0020
	soError     = 0x1007

	tcpNoDelay   = 1
	tcpKeepIdle  = 3 // seconds
	tcpKeepIntvl = 4
	tcpKeepCnt   = 5

	ipTOS             = 1
	ipTTL             = 2
	ipAddMembership   = 3
	ipDropMembership  = 4
	ipMulticastTTL    = 5
	ipMulticastIf     = 6
	ipMulticastLoop   = 7
	levelIP, levelTCP = 0, 6
)

// options are those that both sides know, but for SO_REUSEADDR and SO_BROADCAST,
// which are the Core's.
var options = [...]struct {
	level, opt  int // of package netdev
	its, name   int // of lwIP
	size        int // of the value, in bytes
	least, most int // where it is a number; lwIP cuts off what it has no room for
}{
	{netdev.SOL_SOCKET, netdev.SO_KEEPALIVE, solSocket, soKeepAlive, 4, 0, 1},
	{netdev.SOL_TCP, netdev.TCP_NODELAY, levelTCP, tcpNoDelay, 4, 0, 1},
	{netdev.SOL_TCP, netdev.TCP_KEEPIDLE, levelTCP, tcpKeepIdle, 4, 1, 32767},
	{netdev.SOL_TCP, netdev.TCP_KEEPINTVL, levelTCP, tcpKeepIntvl, 4, 1, 32767},
	{netdev.SOL_TCP, netdev.TCP_KEEPCNT, levelTCP, tcpKeepCnt, 4, 1, 127},
	{netdev.IPPROTO_IP, netdev.IP_TOS, levelIP, ipTOS, 4, 0, 255},
	{netdev.IPPROTO_IP, netdev.IP_TTL, levelIP, ipTTL, 4, 1, 255},
	{netdev.IPPROTO_IP, netdev.IP_MULTICAST_TTL, levelIP, ipMulticastTTL, 1, 0, 255},
	{netdev.IPPROTO_IP, netdev.IP_MULTICAST_LOOP, levelIP, ipMulticastLoop, 1, 0, 1},
	{netdev.IPPROTO_IP, netdev.IP_MULTICAST_IF, levelIP, ipMulticastIf, 4, 0, -1},
}

// SetOption sets an option of lwIP.
func (c *chip) SetOption(id int, level, opt int, value any) error {
	for i := range options {
		o := &options[i]
		if o.level != level || o.opt != opt {
			continue
		}
		if a, ok := value.(netip.Addr); ok && a.Is4() {
			b := a.As4()
			return c.setOption(id, o.its, o.name, b[:])
		}
		n := 0
		switch v := value.(type) {
		case int:
			n = v
		case bool:
			if v {
				n = 1
			}
		default:
			return netdev.ErrInvalid
		}
		if n < o.least || n > o.most {
			return netdev.ErrInvalid
		}
		var b [4]byte
		binary.LittleEndian.PutUint32(b[:], uint32(n))
		return c.setOption(id, o.its, o.name, b[:o.size])
	}
	return netdev.ErrNotSupported
}

func (c *chip) setInt(id, level, name, value int) error {
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], uint32(value))
	return c.setOption(id, level, name, b[:])
}

func (c *chip) setOption(id, level, name int, value []byte) error {
	e := c.request(serviceLwIP, lwipSetSockOpt)
	e.Int32(int32(id))
	e.Int32(int32(level))
	e.Int32(int32(name))
	e.Binary(value)
	e.Uint32(uint32(len(value)))
	_, err := c.lwip(repeat)
	return err
}
