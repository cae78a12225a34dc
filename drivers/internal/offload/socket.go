package offload

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/internal/block"
)

// What became of a socket.
const (
	open   uint8 = iota
	down         // the network or the chip's sockets went away; the descriptor is still to be closed
	closed       // what Send took may still be on its way
)

// Flags of a socket.
const (
	nonblock  uint32 = 1 << iota
	bound            // has a local port
	anyPort          // which is none that the user chose, or was told of
	reuseAddr        // SO_REUSEADDR
	noCast           // SO_BROADCAST is off
	sending          // a Send on a stream is halfway through
	announce         // stands in the list of those to be announced
	queued           // stands in the list of those to be served
	listening        // the chip's socket listens
	dialling         // Connect has begun, and its outcome is not told
	begun            // the chip's Connect was called
	connected        // the connection is there
	ended            // the peer's FIN
	shutRead         // by Shutdown
	shutWrite        // by Shutdown
	finSent          // the chip was told of shutWrite
	more             // the chip has more to receive, it seems
	quiet            // the chip has nothing to receive, and will announce it
	ask              // somebody who does not wait wants to know
	resetting        // the connection ends with a reset, not a FIN
	stale            // a connection that waits to be accepted may have died
	releasing        // the chip's socket is being closed
	errorTold        // SO_ERROR has told what ended the connection
	insider          // has one of the descriptors that are not the users'
	starved          // waits for memory
)

// none is the id of a socket that the chip has nothing for.
const none = -1

// A socket is what a descriptor stands for, and what is left of it until the chip
// has closed its own. A connection that was not accepted yet has no descriptor.
type socket struct {
	fd    int
	id    int // of the chip, or none
	kind  Kind
	state uint8
	flags uint32

	local, remote netip.AddrPort
	host          string // what Connect was given
	err           error  // of a stream what ended it, of others what is pending
	sendErr       error  // of a stream: why nothing goes out any more

	send, recv           block.Queue
	sendLimit, recvLimit int

	pending []*socket // of a listener: connections to be accepted, in order
	backlog int
	options []option

	waiters *waiter
	readers int // of them, for readable
	notify  func()
	gone    chan struct{} // closed when the socket is no longer open

	next      *socket // to be served
	announced *socket // next to be announced

	signals uint32 // counts what the chip announced
	asks    uint32 // counts what the chip was asked
	dials   uint32 // counts the attempts of Connect that were given up
	again   time.Time
	wait    time.Duration // before again
	hushed  time.Time     // since when it is quiet
	flushBy time.Time     // of a closed one
	linger  int           // SO_LINGER in seconds; negative is off
}

func newSocket(kind Kind, c *Config) *socket {
	return &socket{
		fd: none, id: none, kind: kind, linger: -1,
		sendLimit: c.SendBuffer, recvLimit: c.RecvBuffer,
		gone: make(chan struct{}),
	}
}

func (k *socket) has(flag uint32) bool { return k.flags&flag != 0 }
func (k *socket) isStream() bool       { return k.kind != Datagram }
func (k *socket) set(f uint32, on bool) {
	if k.flags &^= f; on {
		k.flags |= f
	}
}

func (k *socket) stype() int {
	if k.isStream() {
		return netdev.SOCK_STREAM
	}
	return netdev.SOCK_DGRAM
}

// over is what a call in flight returns once the socket is no longer open.
func (k *socket) over() error {
	switch k.state {
	case down:
		return k.err
	case closed:
		return netdev.ErrClosed
	}
	return nil
}
