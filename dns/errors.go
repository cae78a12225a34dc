package dns

import (
	"net/netip"
	"strconv"
)

// An Error is why a name was not resolved. Err, which errors.Is finds, is
// [netdev.ErrHostUnknown] for a name that does not exist or has no such address,
// [netdev.ErrTimeout] where no server answered, [ErrNoServers], [ErrBadAnswer], a
// [ServerError], or the device's.
type Error struct {
	Name   string
	Server netip.AddrPort // the last one asked; invalid where none was
	Err    error
}

func (e *Error) Error() string {
	text := e.Err.Error() + " (" + e.Name
	if e.Server.IsValid() {
		text += " at " + e.Server.String()
	}
	return text + ")"
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// Timeout tells whether no server answered in time.
func (e *Error) Timeout() bool {
	t, ok := e.Err.(interface{ Timeout() bool })
	return ok && t.Timeout()
}

// Temporary tells whether a later try may have an answer.
func (e *Error) Temporary() bool {
	t, ok := e.Err.(interface{ Temporary() bool })
	return ok && t.Temporary()
}

// ErrNoServers says that no name server is known.
var ErrNoServers error = textError("no name server is known")

// ErrBadAnswer says that a server's answer makes no sense: it cannot be read, or
// leads from alias to alias without end.
var ErrBadAnswer error = textError("the name server's answer makes no sense")

type textError string

func (e textError) Error() string { return string(e) }

// A ServerError is the response code of a server that did not answer the
// question, such as 2, "server failure", and 5, "refused".
type ServerError uint16

func (e ServerError) Error() string {
	switch e {
	case 1:
		return "the name server did not understand"
	case 2:
		return "the name server failed"
	case 4:
		return "the name server does not do this"
	case 5:
		return "the name server refused"
	}
	return "the name server said error " + strconv.Itoa(int(e))
}

// Temporary is true: another time the server may know.
func (e ServerError) Temporary() bool { return true }
