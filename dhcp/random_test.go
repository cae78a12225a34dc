package dhcp_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	oracle "github.com/insomniacslk/dhcp/dhcpv4"

	"github.com/netdev-go/netdev/dhcp"
	"github.com/netdev-go/netdev/wire/dhcpv4"
)

// A badServer answers as it likes, until it is to behave.
type badServer struct {
	*rand.Rand
	behaves bool
	late    []late
	seen    [][]byte // what was sent, to be sent again
}

type late struct {
	at time.Duration
	b  []byte
}

func (s *badServer) hear(now time.Duration, b []byte) {
	m, err := oracle.FromBytes(b)
	if err != nil {
		panic(err)
	}
	typ := oracle.MessageTypeAck
	switch m.MessageType() {
	case oracle.MessageTypeDiscover:
		typ = oracle.MessageTypeOffer
	case oracle.MessageTypeDecline, oracle.MessageTypeRelease:
		return
	}
	if s.behaves {
		s.say(now+time.Millisecond, reply(m, typ).ToBytes())
		return
	}
	lease := oracle.WithLeaseTime([]uint32{0, 1, 2, 5, 60, 3600, 0xffffffff}[s.IntN(7)])
	for range 1 + s.IntN(2) {
		at := now + time.Duration(s.ExpFloat64()*float64(3*time.Second))
		switch s.IntN(10) {
		case 0, 1: // lost
		case 2:
			s.say(at, reply(m, oracle.MessageTypeNak).ToBytes())
		case 3:
			s.say(at, reply(m, typ, lease, oracle.WithYourIP(net.IPv4(10, 0, 2, byte(s.IntN(256))))).ToBytes())
		case 4:
			b := reply(m, typ, lease).ToBytes()
			for range 1 + s.IntN(8) {
				b[s.IntN(len(b))] = byte(s.Uint32())
			}
			s.say(at, b[:s.IntN(len(b)+1)])
		case 5:
			if len(s.seen) > 0 {
				s.say(at, s.seen[s.IntN(len(s.seen))])
			}
		default:
			s.say(at, reply(m, typ, lease).ToBytes())
		}
	}
}

func (s *badServer) say(at time.Duration, b []byte) {
	s.late = append(s.late, late{at, b})
	if len(s.seen) < 100 {
		s.seen = append(s.seen, b)
	}
}

// next takes the message that comes first, if one comes before the deadline.
func (s *badServer) next(deadline time.Duration) (m late, ok bool) {
	first := -1
	for i, l := range s.late {
		if (deadline == 0 || l.at < deadline) && (first < 0 || l.at < s.late[first].at) {
			first = i
		}
	}
	if first < 0 {
		return late{}, false
	}
	m = s.late[first]
	s.late = append(s.late[:first], s.late[first+1:]...)
	return m, true
}

func TestWhateverServersDidAClientComesBackToBound(t *testing.T) {
	seeds := 400
	if testing.Short() {
		seeds = 50
	}
	for seed := range seeds {
		if err := randomRun(uint64(seed)); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
}

func randomRun(seed uint64) error {
	s := &badServer{Rand: rand.New(rand.NewPCG(seed, 1))}
	c := dhcp.New(dhcp.Config{HardwareAddr: hw, Rand: s.Uint32, Probe: seed%2 == 0, Hostname: "board"})
	now := time.Duration(1)
	c.Start(now)
	events := &witness{c: c}
	sent := 0
	buf := make([]byte, dhcpv4.MaxLen)
	const trouble, calm = 3 * time.Hour, 3 * time.Hour
	for now < trouble+calm {
		s.behaves = now >= trouble
		for n, _, ok := c.Output(now, buf); ok; n, _, ok = c.Output(now, buf) {
			sent++
			s.hear(now, buf[:n])
		}
		if err := events.check(now); err != nil {
			return err
		}
		m, ok := s.next(c.Deadline())
		switch {
		case ok:
			now = max(now, m.at)
			c.Input(now, m.b)
		case c.Deadline() == 0 && c.State() != dhcp.StateProbing:
			if c.State() != dhcp.StateBound {
				return fmt.Errorf("at %v the client waits for nothing in %v", now, c.State())
			}
			now += time.Hour
		case c.Deadline() != 0:
			now = max(now, c.Deadline())
			c.Advance(now)
		}
		if _, ok := c.Probing(); ok {
			if !s.behaves && s.IntN(4) == 0 {
				c.Conflict(now)
			} else {
				c.NoConflict(now)
			}
		} else if !s.behaves {
			switch s.IntN(200) {
			case 0:
				c.Suspend(now)
				fallthrough
			case 1:
				c.Start(now)
			case 2:
				c.Stop(now)
				c.Start(now)
			case 3:
				c.Conflict(now)
			}
		}
	}
	if l := c.Lease(); l == nil || l.Expiry != 0 && l.Expiry < now {
		return fmt.Errorf("in the end the state is %v", c.State())
	}
	if limit := int((trouble + calm) / time.Second); sent > limit {
		return fmt.Errorf("%d messages were sent", sent)
	}
	return nil
}

// A witness holds events against the lease.
type witness struct {
	c   *dhcp.Client
	had bool
}

func (w *witness) check(now time.Duration) error {
	has := w.c.Lease() != nil
	switch e := w.c.Event(); {
	case e == dhcp.EventNone && has != w.had,
		e == dhcp.EventBound && !has,
		e == dhcp.EventLost && has:
		return fmt.Errorf("at %v the event is %v, a lease before %v, now %v", now, e, w.had, has)
	}
	w.had = has
	if has {
		if l := w.c.Lease(); l.Expiry != 0 && now >= l.Expiry+time.Nanosecond && w.c.Deadline() > now {
			return fmt.Errorf("at %v the lease that ended at %v is still in use", now, l.Expiry)
		}
	}
	return nil
}
