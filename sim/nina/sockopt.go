package nina

import (
	"encoding/binary"
	"time"

	"github.com/netdev-go/netdev"
)

// Options of SOL_SOCKET by lwIP's numbers. The first three are bits too.
const (
	soAcceptConn = 0x0002
	soReuseAddr  = 0x0004
	soKeepAlive  = 0x0008
	soBroadcast  = 0x0020
	soRcvBuf     = 0x1002
	soSndTimeo   = 0x1005
	soRcvTimeo   = 0x1006
	soError      = 0x1007
	soType       = 0x1008
)

// maxOption is the longest value of an option.
const maxOption = 16

func bsdSetSockOpt(f *firmware, command, response []byte) int {
	f.errno = 0
	n := min(int(command[10]), maxOption)
	opt := binary.LittleEndian.Uint32(command[6:])
	return one(response, success(f.setSockOpt(int(command[4]), opt, command[11:11+n]) == 0))
}

func (f *firmware) setSockOpt(fd int, opt uint32, value []byte) int {
	s := f.lookup(fd)
	if s == nil {
		return -1
	}
	size := 4
	switch opt {
	case soReuseAddr, soKeepAlive, soBroadcast, soRcvBuf:
	case soSndTimeo, soRcvTimeo:
		size = 8 // a struct timeval
	default:
		return f.result(s, 0, eNOPROTOOPT)
	}
	if len(value) < size {
		return f.result(s, 0, eINVAL)
	}
	n := int32(binary.LittleEndian.Uint32(value))
	switch opt {
	case soSndTimeo:
		s.sendTimeout = timeval(value)
	case soRcvTimeo:
		s.recvTimeout = timeval(value)
	case soRcvBuf:
		f.network().SetSockOpt(s.fd, netdev.SOL_SOCKET, netdev.SO_RCVBUF, int(n))
	default:
		s.flags &^= byte(opt)
		if n != 0 {
			s.flags |= byte(opt)
		}
		f.applyFlags(s)
	}
	return f.result(s, 0, 0)
}

// applyFlags sets what the network has of the options that are bits. lwIP lets
// everybody broadcast, whatever SO_BROADCAST says.
func (f *firmware) applyFlags(s *socket) {
	f.network().SetSockOpt(s.fd, netdev.SOL_SOCKET, netdev.SO_REUSEADDR, s.flags&soReuseAddr != 0)
	if s.stream {
		f.network().SetSockOpt(s.fd, netdev.SOL_SOCKET, netdev.SO_KEEPALIVE, s.flags&soKeepAlive != 0)
	}
}

func timeval(b []byte) time.Duration {
	sec, usec := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
	return time.Duration(sec)*time.Second + time.Duration(usec)*time.Microsecond
}

func putTimeval(b []byte, d time.Duration) {
	binary.LittleEndian.PutUint32(b, uint32(d/time.Second))
	binary.LittleEndian.PutUint32(b[4:], uint32(d%time.Second/time.Microsecond))
}

// bsdGetSockOpt returns as many bytes as it was asked for, of which an int fills
// four.
func bsdGetSockOpt(f *firmware, command, response []byte) int {
	f.errno = 0
	n := min(int(command[11]), maxOption)
	var value [maxOption]byte
	if f.getSockOpt(int(command[4]), binary.LittleEndian.Uint32(command[6:]), value[:], n) < 0 {
		n = 0
	}
	return one(response, value[:n]...)
}

func (f *firmware) getSockOpt(fd int, opt uint32, value []byte, size int) int {
	s := f.lookup(fd)
	if s == nil {
		return -1
	}
	need := 4
	if opt == soSndTimeo || opt == soRcvTimeo {
		need = 8
	}
	if size < need {
		return f.result(s, 0, eINVAL)
	}
	var n uint32
	switch opt {
	case soReuseAddr, soKeepAlive, soBroadcast:
		n = uint32(s.flags) & opt
	case soAcceptConn:
		if !s.stream {
			return f.result(s, 0, eNOPROTOOPT)
		}
		n = uint32(success(s.listening))
	case soType:
		if n = netdev.SOCK_DGRAM; s.stream {
			n = netdev.SOCK_STREAM
		}
	case soRcvBuf:
		v, _ := f.network().GetSockOpt(s.fd, netdev.SOL_SOCKET, netdev.SO_RCVBUF)
		size, _ := v.(int)
		n = uint32(size)
	case soError:
		return f.takeError(s, value)
	case soSndTimeo:
		putTimeval(value, s.sendTimeout)
		return f.result(s, 0, 0)
	case soRcvTimeo:
		putTimeval(value, s.recvTimeout)
		return f.result(s, 0, 0)
	default:
		return f.result(s, 0, eNOPROTOOPT)
	}
	binary.LittleEndian.PutUint32(value, n)
	return f.result(s, 0, 0)
}

// takeError tells the error of the last call, and of the connection only where
// there was none, or it was that connecting goes on.
func (f *firmware) takeError(s *socket, value []byte) int {
	f.settle(s)
	e := s.err
	if e == 0 || e == eINPROGRESS {
		e = s.last
		if s.connecting {
			e = eINPROGRESS
		}
	}
	binary.LittleEndian.PutUint32(value, uint32(e))
	s.err = 0
	if e != 0 && e != eINPROGRESS {
		f.errno = e
	}
	return 0
}
