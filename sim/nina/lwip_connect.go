package nina

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

func (f *firmware) bind(fd int, port uint16) int {
	s := f.lookup(fd)
	if s == nil {
		return -1
	}
	err := f.network().Bind(s.fd, netip.AddrPortFrom(netip.IPv4Unspecified(), port))
	f.nameOf(s)
	return f.result(s, 0, errnoOf(err))
}

// nameOf remembers the port that a socket has.
func (f *firmware) nameOf(s *socket) {
	if name, err := f.network().GetSockName(s.fd); err == nil {
		s.port = name.Port()
	}
}

func (f *firmware) listen(fd int, backlog byte) int {
	s := f.lookup(fd)
	if s == nil {
		return -1
	}
	if !s.stream {
		return f.result(s, 0, eOPNOTSUPP)
	}
	s.backlog = max(int(backlog), 1)
	err := f.network().Listen(s.fd, s.backlog)
	if err == nil {
		s.listening = true
		f.nameOf(s)
	}
	return f.result(s, 0, errnoOf(err))
}

// accept returns a connection, which blocks whatever the listener does. Where there
// is no number left for it, it is closed.
func (f *firmware) accept(fd int) (int, netip.AddrPort) {
	s := f.lookup(fd)
	if s == nil {
		return -1, netip.AddrPort{}
	}
	switch {
	case s.listening:
	case s.nonblock:
		f.errno = eWOULDBLOCK
		return -1, netip.AddrPort{}
	case s.stream:
		return f.result(s, 0, eINVAL), netip.AddrPort{}
	default:
		return f.result(s, 0, eOPNOTSUPP), netip.AddrPort{}
	}
	deadline := after(s.recvTimeout)
	for {
		conn, peer, err := f.network().Accept(s.fd)
		if err == nil {
			c := &socket{fd: conn, stream: true, changed: make(chan struct{}, 1), connected: true, peer: peer}
			n := f.take(c)
			if n < 0 {
				f.network().Close(conn)
				return f.result(s, 0, eNFILE), netip.AddrPort{}
			}
			f.follow(c)
			return f.result(s, n, 0), peer
		}
		e := errnoOf(err)
		if e == eWOULDBLOCK {
			if s.nonblock {
				f.errno = e // not the socket's, for SO_ERROR
				return -1, netip.AddrPort{}
			}
			if e = f.wait(s, deadline); e == 0 {
				continue
			}
		}
		return f.result(s, 0, e), netip.AddrPort{}
	}
}

func (f *firmware) connect(fd int, to netip.AddrPort) int {
	s := f.lookup(fd)
	if s == nil {
		return -1
	}
	f.settle(s)
	switch {
	case !s.stream:
		err := f.network().Connect(s.fd, "", to)
		if err == nil {
			s.peer = to
		}
		return f.result(s, 0, errnoOf(err))
	case s.connecting:
		return f.result(s, 0, eALREADY)
	case s.connected || s.listening:
		return f.result(s, 0, eISCONN)
	case s.broken():
		return f.result(s, 0, eNOTCONN)
	}
	f.network().SetSockOpt(s.fd, netdev.SOL_TCP, netdev.TCP_USER_TIMEOUT, synTime)
	err := f.network().Connect(s.fd, "", to)
	s.peer = to
	switch e := f.refusal(errnoOf(err)); e {
	case 0:
		f.network().SetSockOpt(s.fd, netdev.SOL_TCP, netdev.TCP_USER_TIMEOUT, 0)
		s.connected = true
		return f.result(s, 0, 0)
	case eINPROGRESS:
		s.connecting = true
	default:
		s.last = e
		return f.result(s, 0, e)
	}
	if s.nonblock {
		return f.result(s, 0, eINPROGRESS)
	}
	for s.connecting {
		if e := f.wait(s, time.Time{}); e != 0 {
			return f.result(s, 0, e)
		}
		f.settle(s)
	}
	return f.result(s, 0, s.last)
}

// settle asks how connecting has ended.
func (f *firmware) settle(s *socket) {
	if !s.connecting {
		return
	}
	err := f.network().Connect(s.fd, "", s.peer)
	if e := f.refusal(errnoOf(err)); e != eINPROGRESS {
		f.network().SetSockOpt(s.fd, netdev.SOL_TCP, netdev.TCP_USER_TIMEOUT, 0)
		s.connecting, s.connected, s.last = false, err == nil, e
	}
}

// refusal is what connecting has for an error.
func (f *firmware) refusal(e errno) errno {
	if e == eCONNREFUSED && f.chip.config.RefusedIsReset {
		return eCONNRESET
	}
	return e
}
