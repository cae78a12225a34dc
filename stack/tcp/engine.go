package tcp

import (
	"net/netip"
	"time"
)

// An Engine is the TCP of one host: all its connections and listeners. Not safe for
// concurrent use. Times are since an origin of the owner's choosing, always above 0,
// and never go back.
type Engine struct {
	Counters Counters
	cfg      Config
}

// New returns an Engine without connections.
func New(c Config) *Engine {
	if c.Pool == nil || c.Rand == nil {
		panic("tcp: Config without Pool or Rand")
	}
	c.setDefaults()
	return &Engine{cfg: c}
}

// Input takes a segment, the payload of an IP packet from src to dst, whose checksum
// it verifies. The bytes are the caller's again when it returns.
func (e *Engine) Input(now time.Duration, src, dst netip.Addr, segment []byte) {}

// Output writes the next segment that may go, checksum included, to b and returns its
// length and where it goes. 0 is that there is none. b must take an MTU less the IP
// header; a shorter one makes shorter segments, and one below 576 may get none. The
// Path is good until the next call of anything.
func (e *Engine) Output(now time.Duration, b []byte) (int, *Path) { return 0, nil }

// Deadline returns when Advance is due, 0 for never. It may be early, and it moves
// with every other call.
func (e *Engine) Deadline() time.Duration { return 0 }

// Advance does what time alone brings about until now.
func (e *Engine) Advance(now time.Duration) {}

// Woken returns a connection, or a listener, that has become ready for something
// since it was last returned, and two nils when there are no more. Only what the owner
// knows is told: what it dialled, listens on or accepted, until it closes it.
func (e *Engine) Woken() (*Conn, *Listener) { return nil, nil }

// Dial begins a connection. Both ends must be complete. It fails with ErrAddrInUse
// where there is such a connection already, unless it is in TIME-WAIT and may be
// replaced, and with ErrNoMoreSockets at MaxConns.
func (e *Engine) Dial(now time.Duration, local, remote netip.AddrPort, o Options) (*Conn, error) {
	return nil, nil
}

// Listen begins to take connections to local. An unspecified address stands for every
// one of its family; where the port is 0 too, the Listener gets what is for no other,
// of both families. It fails with ErrAddrInUse where there is one for the same.
// backlog is how many may wait for Accept, at least 1.
func (e *Engine) Listen(local netip.AddrPort, backlog int, o Options) (*Listener, error) {
	return nil, nil
}

// Unreachable takes an ICMP error that came for a segment of ours from local to
// remote with sequence number seq. One that fits nothing under way is ignored (RFC
// 5927). A hard err ends an attempt to connect; everything else is remembered as the
// reason should the connection time out. For "fragmentation needed" err is
// ErrMessageTooLong and mtu what the router said, 0 if it did not.
func (e *Engine) Unreachable(now time.Duration, local, remote netip.AddrPort, seq uint32, err error, hard bool, mtu int) {
}

// Fail ends all connections and listeners with err, without a word to their peers:
// the network is gone.
func (e *Engine) Fail(now time.Duration, err error) {}

// Each calls f with each connection until f returns false. f must not call the Engine.
func (e *Engine) Each(f func(*Conn) bool) {}

// Len returns how many connections there are, and how many of them are half-open and
// in TIME-WAIT.
func (e *Engine) Len() (conns, halfOpen, timeWait int) { return 0, 0, 0 }
