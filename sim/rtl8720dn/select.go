package rtl8720dn

import (
	"encoding/binary"
	"time"

	"github.com/netdev-go/netdev"
)

// Commands of ioctl.
const (
	fioNRead = 0x4004667F
	fioNBIO  = 0x8004667E
)

func (s *session) lwipIoctl(c *call) {
	n, cmd, arg := c.i32(), c.u32(), c.binary()
	if c.short {
		return
	}
	out := append([]byte(nil), arg...)
	r := s.ioctl(n, cmd, out)
	c.putBinary(out)
	c.putI32(r)
}

func (s *session) ioctl(n int32, cmd uint32, arg []byte) int32 {
	k := s.socket(n)
	switch {
	case k == nil:
		return -1
	case len(arg) < 4:
		return s.fail(k, eInval)
	case cmd == fioNBIO:
		k.nonblock = binary.LittleEndian.Uint32(arg) != 0
		return done(k, 0)
	case cmd == fioNRead:
		waiting, _, err := s.network.RecvFrom(k.fd, make([]byte, tcpBuffer), netdev.MSG_PEEK|netdev.MSG_DONTWAIT, time.Time{})
		if err != nil {
			waiting = 0
		}
		binary.LittleEndian.PutUint32(arg, uint32(waiting))
		return done(k, 0)
	}
	return s.fail(k, eNoProtoOpt)
}

// lwipSelect waits as it is asked to, and returns how many are ready; which ones
// stays in the firmware.
func (s *session) lwipSelect(c *call) {
	most := c.i32()
	var sets [3][]byte
	for i := range sets {
		if c.nullable() {
			sets[i] = c.binary()
		}
	}
	wait := time.Duration(-1)
	if c.nullable() {
		if b := c.binary(); len(b) >= 8 {
			wait = time.Duration(binary.LittleEndian.Uint32(b))*time.Second +
				time.Duration(binary.LittleEndian.Uint32(b[len(b)/2:]))*time.Microsecond
		}
	}
	if !c.short {
		c.putI32(s.selectReady(most, sets, wait))
	}
}

func (s *session) selectReady(most int32, sets [3][]byte, wait time.Duration) int32 {
	events := [...]netdev.PollEvents{netdev.PollIn | netdev.PollHup | netdev.PollErr, netdev.PollOut, netdev.PollErr}
	changed := make(chan struct{}, 1)
	notify := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	for n, k := range s.lwip.sockets {
		if k != nil && int32(n) < most {
			s.network.PollNotify(k.fd, notify)
			defer s.network.PollNotify(k.fd, nil)
		}
	}
	var over <-chan time.Time
	if wait >= 0 {
		t := time.NewTimer(wait)
		defer t.Stop()
		over = t.C
	}
	for last := false; ; {
		ready := int32(0)
		for i, set := range sets {
			for n := range int(min(most, maxSockets)) {
				if n/8 >= len(set) || set[n/8]>>(n%8)&1 == 0 {
					continue
				}
				k := s.lwip.sockets[n]
				if k == nil {
					return s.fail(nil, eBadF)
				}
				if got, err := s.network.Poll(k.fd); err == nil && got&events[i] != 0 {
					ready++
				}
			}
		}
		if ready > 0 || last {
			return ready
		}
		select {
		case <-changed:
		case <-over:
			last = true
		case <-s.ctx.Done():
			return -1
		}
	}
}
