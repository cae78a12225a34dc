package offload

import (
	"net/netip"
	"time"
)

// Kind is what a socket of a chip is for.
type Kind uint8

const (
	Stream   Kind = iota // TCP
	Datagram             // UDP
	TLS                  // TLS over TCP, by the chip
)

// A Chip is the sockets of a device, as its driver reaches them. One goroutine
// calls all of its methods, that of the [Core]; none of them waits for a peer
// where the hardware has another way. An id is the driver's own number, from 0,
// of something that Open or Accept returned and Close has not given back.
//
// Errors are sentinels of package netdev. An error other than ErrWouldBlock and
// ErrInProgress ends the stream that it is of, which is then closed with abort;
// after one of Send, Recv is called until it has an error too, for what came
// before. A datagram socket goes on. A driver whose chip no longer makes sense
// tries again as far as that is safe, at the latest resets the chip, calls
// [Core.Reset], and returns the error too.
//
// Where [Config].Polled is not set, an ErrWouldBlock of Accept, Recv or RecvFrom
// is a promise to call [Core.Signal] when that has changed.
type Chip interface {
	// Open takes a socket of the chip, or returns ErrNoMoreSockets, or
	// ErrProtocolNotSupported for a kind that the chip does not have.
	Open(kind Kind) (id int, err error)

	// Bind gives a datagram socket its port, which is never 0. It receives from
	// then on. ErrAddrInUse has another one tried where the user has no wish.
	Bind(id int, port uint16) error

	// Listen has a stream listen. ErrAddrInUse as with Bind.
	Listen(id int, port uint16, backlog int) error

	// Accept returns a connection that a peer has made, or ErrWouldBlock. One that
	// is dead already is not returned.
	Accept(id int) (conn int, peer netip.AddrPort, err error)

	// Connect begins to connect a stream from the port local, which the Core has
	// chosen, or the user. It returns nil when it is connected, or ErrInProgress,
	// and Connected is asked then. host is what the user called the peer, for TLS.
	// ErrAddrInUse has another port tried where the user has no wish.
	Connect(id int, local uint16, to netip.AddrPort, host string) error

	// Connected returns nil, ErrInProgress, or why there is no connection.
	Connected(id int) error

	// Send hands the front of b to the chip, and returns how much it has taken,
	// or ErrWouldBlock. 0 without an error is the same.
	Send(id int, b []byte) (int, error)

	// Recv returns what has arrived, ErrWouldBlock, or io.EOF after the peer's
	// FIN and all that came before it. 0 without an error is ErrWouldBlock.
	Recv(id int, b []byte) (int, error)

	// SendTo sends a datagram whole, or returns ErrWouldBlock.
	SendTo(id int, b []byte, to netip.AddrPort) error

	// RecvFrom returns a datagram, of which b has taken what it has room for, or
	// ErrWouldBlock.
	RecvFrom(id int, b []byte) (int, netip.AddrPort, error)

	// Close gives a socket back: a stream with a FIN behind what was sent, or with
	// abort by a reset where the chip can. ErrInProgress has it called again: the
	// chip needs the socket a little longer. It must end then, whatever the peer
	// does.
	Close(id int, abort bool) error

	// Idle waits until the chip has something to say, wake has an element (it is
	// left there or taken), or the time is over; negative is without end. What the
	// chip says by itself is handled here, with Core.Signal. Between pieces of work
	// d is 0: only what the chip has said already is handled, at little cost.
	Idle(wake <-chan struct{}, d time.Duration)
}

// A HalfCloser is a Chip that can close one direction of a stream.
type HalfCloser interface {
	CloseWrite(id int) error
}

// A Namer is a Chip that tells the local port of a connection, where it is not
// the one that Connect was given.
type Namer interface {
	LocalPort(id int) (uint16, error)
}

// An Optioner is a Chip with socket options. A value has the option's type.
type Optioner interface {
	// SetOption returns ErrNotSupported for what the chip does not have.
	SetOption(id int, level, opt int, value any) error
}
