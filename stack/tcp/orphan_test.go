package tcp

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
)

// At the bound a connection that was closed makes room, though its peer does not end
// it, and the one that was silent longest goes.
func TestCloseMakesRoomAtTheBound(t *testing.T) {
	p := newPair(Config{MaxConns: 2})
	p.b = newEngine(2, Config{})
	l := p.listen(t, 4)
	first, _ := p.connect(t, 1000, l)
	second, _ := p.connect(t, 1001, l)
	if _, err := p.a.Dial(p.now, netip.AddrPortFrom(addrA, 1002), portB, Options{}); !errors.Is(err, netdev.ErrNoMoreSockets) {
		t.Fatalf("a third of two: %v", err)
	}
	for _, c := range []*Conn{first, second} {
		p.now += time.Second
		c.Close(p.now)
		p.flush() // to FIN-WAIT-2
	}
	third, _ := p.connect(t, 1002, l)
	if third.State() != StateEstablished || p.a.Counters.AbortOnMemory != 1 {
		t.Errorf("%v, %d orphans dropped", third.State(), p.a.Counters.AbortOnMemory)
	}
	if p.a.table.find(addrA, addrB, 1001, portB.Port()) == nil || p.a.table.find(addrA, addrB, 1000, portB.Port()) != nil {
		t.Error("it is not the one that was silent longest")
	}
}

// What was written before Close is delivered, whoever wants the room.
func TestOrphanWithDataKeepsItsRoom(t *testing.T) {
	p := newPair(Config{MaxConns: 1})
	l := p.listen(t, 4)
	c, _ := p.connect(t, 1000, l)
	c.Write(p.now, []byte("x"))
	c.Close(p.now)
	if _, err := p.a.Dial(p.now, netip.AddrPortFrom(addrA, 1001), portB, Options{}); !errors.Is(err, netdev.ErrNoMoreSockets) {
		t.Errorf("Dial: %v", err)
	}
	p.flush()
	if _, err := p.a.Dial(p.now, netip.AddrPortFrom(addrA, 1001), portB, Options{}); err != nil {
		t.Errorf("Dial when all has arrived: %v", err)
	}
}
