package nina

import (
	"io"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

// send sends what there is room for, or blocks until all of b is sent.
func (f *firmware) send(fd int, b []byte, to netip.AddrPort) int {
	s := f.lookup(fd)
	if s == nil {
		return -1
	}
	f.settle(s)
	switch {
	case !s.stream && len(b) > maxDatagram:
		return f.result(s, 0, eNOMEM)
	case s.connecting:
		return f.result(s, 0, eINPROGRESS)
	case s.broken():
		return f.result(s, 0, s.last)
	}
	deadline := after(s.sendTimeout)
	n := 0
	for {
		var m int
		var err error
		if s.stream {
			m, err = f.network().Send(s.fd, b[n:], 0, time.Time{})
		} else {
			m, err = f.network().SendTo(s.fd, b, 0, to, time.Time{})
			if errnoOf(err) == eCONNREFUSED {
				continue // of one before: lwIP does not hand such word on
			}
		}
		n += max(m, 0)
		e := errnoOf(err)
		if e == eWOULDBLOCK && !s.nonblock {
			if e = f.wait(s, deadline); e == 0 {
				continue
			}
		}
		if e != 0 && n > 0 {
			e = 0 // it is told when there is nothing else to tell
		}
		return f.result(s, n, e)
	}
}

const (
	peek = 1 << iota
	dontWait
)

// recv receives from a stream what there is, or a datagram, of which b takes what
// it has room for. The FIN is told as 0 with ENOTCONN: once where the call does not
// block, for there is no event left then, and each time where it does.
func (f *firmware) recv(fd int, b []byte, flags int) (int, netip.AddrPort) {
	s := f.lookup(fd)
	if s == nil {
		return -1, netip.AddrPort{}
	}
	f.settle(s)
	wait := !s.nonblock && flags&dontWait == 0
	deadline := after(s.recvTimeout)
	if wait && s.finished && !s.broken() {
		f.result(s, 0, eNOTCONN)
		return 0, s.peer
	}
	for {
		n, from, e := f.receive(s, b, flags&peek != 0)
		if e == eWOULDBLOCK && wait {
			if e = f.wait(s, deadline); e == 0 {
				continue
			}
		}
		if e == eNOTCONN && s.finished {
			f.result(s, 0, e)
			return 0, from
		}
		return f.result(s, n, e), from
	}
}

// receive is recv without waiting.
func (f *firmware) receive(s *socket, b []byte, peek bool) (int, netip.AddrPort, errno) {
	flags := 0
	if peek {
		flags = netdev.MSG_PEEK
	}
	switch {
	case !s.stream:
		return f.receiveDatagram(s, b, flags)
	case s.broken():
		return 0, s.peer, s.last
	case s.finished, !s.connected:
		return 0, s.peer, eWOULDBLOCK
	case len(b) == 0:
		// It waits for data as any other does, and leaves them.
		b, flags = make([]byte, 1), netdev.MSG_PEEK
		_, _, e := f.stream(s, b, flags)
		return 0, s.peer, e
	}
	n, from, e := f.stream(s, b, flags)
	for flags == 0 && e == 0 && n < len(b) {
		m, err := f.network().Recv(s.fd, b[n:], 0, time.Time{})
		if err != nil || m <= 0 {
			break
		}
		n += m
	}
	return n, from, e
}

func (f *firmware) stream(s *socket, b []byte, flags int) (int, netip.AddrPort, errno) {
	n, err := f.network().Recv(s.fd, b, flags, time.Time{})
	if err == io.EOF {
		s.finished = true
		return 0, s.peer, eNOTCONN
	}
	return max(n, 0), s.peer, errnoOf(err)
}

// receiveDatagram leaves those out that have come in fragments.
func (f *firmware) receiveDatagram(s *socket, b []byte, flags int) (int, netip.AddrPort, errno) {
	var whole [maxDatagram + 1]byte
	for {
		n, from, err := f.network().RecvFrom(s.fd, whole[:], flags, time.Time{})
		switch e := errnoOf(err); e {
		case 0:
		case eCONNREFUSED:
			continue // as in send
		default:
			return 0, netip.AddrPort{}, e
		}
		if n <= maxDatagram {
			return copy(b, whole[:n]), from, 0
		}
		if flags != 0 {
			f.network().RecvFrom(s.fd, whole[:], 0, time.Time{})
		}
	}
}

// available is FIONREAD: how much can be received without waiting.
func (f *firmware) available(s *socket) int {
	f.settle(s)
	if s.stream && (!s.connected || s.finished || s.broken()) {
		return 0
	}
	b := &f.scratch
	var n int
	if s.stream {
		n, _ = f.network().Recv(s.fd, b[:], netdev.MSG_PEEK, time.Time{})
	} else {
		n, _, _ = f.receiveDatagram(s, b[:], netdev.MSG_PEEK)
	}
	return max(n, 0)
}
