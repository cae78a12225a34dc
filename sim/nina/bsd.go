package nina

import (
	"encoding/binary"
	"net/netip"

	"github.com/netdev-go/netdev"
)

// The commands from 70 on are lwIP's functions, one for one. All of them but 72
// clear errno first.

func bsdSocket(f *firmware, command, response []byte) int {
	f.errno = 0
	return one(response, byte(f.socket(command[4])))
}

func bsdClose(f *firmware, command, response []byte) int {
	f.errno = 0
	return one(response, success(f.close(int(command[4])) == 0))
}

func bsdErrno(f *firmware, _, response []byte) int { return one(response, byte(f.errno)) }

func bsdBind(f *firmware, command, response []byte) int {
	f.errno = 0
	port := binary.BigEndian.Uint16(command[6:])
	return one(response, success(f.bind(int(command[4]), port) == 0))
}

func bsdListen(f *firmware, command, response []byte) int {
	f.errno = 0
	return one(response, success(f.listen(int(command[4]), command[6]) == 0))
}

func bsdAccept(f *firmware, command, response []byte) int {
	f.errno = 0
	fd, peer := f.accept(int(command[4]))
	return f.withPeer(response, byte(fd), peer)
}

func bsdConnect(f *firmware, command, response []byte) int {
	f.errno = 0
	return one(response, success(f.connect(int(command[4]), addrPort(command[6:], command[11:])) == 0))
}

func bsdSend(f *firmware, command, response []byte) int {
	f.errno = 0
	data := f.data(command, 6)
	return count(response, f.send(int(command[5]), data, netip.AddrPort{}))
}

func bsdRecv(f *firmware, command, response []byte) int {
	f.errno = 0
	size := min(int(binary.LittleEndian.Uint16(command[6:])), bufferLen-16)
	n, _ := f.recv(int(command[4]), response[5:5+size], 0)
	n = max(n, 0)
	response[2] = 1
	binary.BigEndian.PutUint16(response[3:], uint16(n))
	return 6 + n
}

func bsdSendTo(f *firmware, command, response []byte) int {
	f.errno = 0
	data := f.data(command, 16)
	return count(response, f.send(int(command[5]), data, addrPort(command[8:], command[14:])))
}

// bsdRecvFrom does not hold the size to that of the buffer.
func bsdRecvFrom(f *firmware, command, response []byte) int {
	f.errno = 0
	const header = 15
	size := int(binary.LittleEndian.Uint16(command[6:]))
	if size > bufferLen-16 {
		f.harm("recvfrom of %d bytes into a buffer of %d", size, bufferLen)
	}
	data := make([]byte, size)
	n, from := f.recv(int(command[4]), data, 0)
	if n = max(n, 0); n > bufferLen-header-1 {
		f.hurt("recvfrom has written %d bytes beyond its buffer", n+header+1-bufferLen)
	}
	response[2] = 3
	response[4] = 4
	response[10] = 2
	f.putPeer(response[5:], response[11:], from)
	binary.BigEndian.PutUint16(response[13:], uint16(n))
	copy(response[header:], data[:n])
	return header + 1 + n
}

// bsdIoctl reads an argument of four bytes however long the one that came is.
func bsdIoctl(f *firmware, command, response []byte) int {
	f.errno = 0
	size := min(int(command[10]), 0x7F)
	var argument [0x7F]byte
	copy(argument[:], command[11:11+size])
	if f.ioctl(int(command[4]), binary.LittleEndian.Uint32(command[6:]), argument[:4]) < 0 {
		size = 0
	}
	return one(response, argument[:size]...)
}

const (
	fionread = 0x4004667F
	fionbio  = 0x8004667E
)

func (f *firmware) ioctl(fd int, cmd uint32, argument []byte) int {
	s := f.lookup(fd)
	if s == nil {
		return -1
	}
	switch cmd {
	case fionread:
		binary.LittleEndian.PutUint32(argument, uint32(f.available(s)))
	case fionbio:
		s.nonblock = binary.LittleEndian.Uint32(argument) != 0
	default:
		return f.result(s, 0, eNOSYS)
	}
	return f.result(s, 0, 0)
}

const (
	pollRead  = 0x01
	pollWrite = 0x02
	pollError = 0x04
)

func bsdPoll(f *firmware, command, response []byte) int {
	f.errno = 0
	return one(response, f.poll(int(command[4])))
}

// poll leaves the set of exceptions as nobody has set it: its bit means nothing. Of
// a socket that there is not, lwIP's select has nothing to say, and no error. It
// fails for want of memory alone, which would be 80.
func (f *firmware) poll(fd int) byte {
	s := f.lookup(fd)
	if s == nil {
		f.errno = 0
		return 0
	}
	f.settle(s)
	if s.broken() {
		return pollRead | pollWrite | pollError
	}
	var bits byte
	if f.rand.IntN(4) == 0 {
		bits = pollError
	}
	ev, err := f.network().Poll(s.fd)
	if err != nil || s.connecting {
		return bits
	}
	if ev&(netdev.PollIn|netdev.PollErr|netdev.PollHup) != 0 && !s.finished {
		bits |= pollRead
	}
	if ev&(netdev.PollOut|netdev.PollErr) != 0 {
		bits |= pollWrite
	}
	return bits
}

func bsdGetPeerName(f *firmware, command, response []byte) int {
	f.errno = 0
	peer, ok := f.peerName(int(command[4]))
	return f.withPeer(response, success(ok), peer)
}

func (f *firmware) peerName(fd int) (netip.AddrPort, bool) {
	s := f.lookup(fd)
	if s == nil {
		return netip.AddrPort{}, false
	}
	f.settle(s)
	if s.stream && !s.connected || s.broken() || !s.peer.IsValid() {
		f.result(s, 0, eNOTCONN)
		return netip.AddrPort{}, false
	}
	f.result(s, 0, 0)
	return s.peer, true
}

// data returns the bytes whose length stands at command[at:]. One that goes beyond
// the buffer sends what else is in memory.
func (f *firmware) data(command []byte, at int) []byte {
	n := int(binary.BigEndian.Uint16(command[at:]))
	if n > len(command)-at-2 {
		f.hurt("%d bytes to be sent from a command buffer of %d", n, len(command))
	}
	return command[at+2 : at+2+n]
}

func count(response []byte, n int) int {
	n = max(n, 0)
	return one(response, byte(n>>8), byte(n))
}

// addrPort reads an address and a port, both in network order.
func addrPort(ip, port []byte) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte(ip)), binary.BigEndian.Uint16(port))
}

// withPeer writes a byte, an address and a port.
func (f *firmware) withPeer(response []byte, b byte, peer netip.AddrPort) int {
	response[2] = 3
	response[3], response[4] = 1, b
	response[5] = 4
	response[10] = 2
	f.putPeer(response[6:], response[11:], peer)
	return 14
}

// putPeer writes a port with its low byte first. Where lwIP has not said who the
// peer is, both are what was on the stack.
func (f *firmware) putPeer(ip, port []byte, peer netip.AddrPort) {
	if !peer.IsValid() {
		binary.LittleEndian.PutUint32(ip, f.rand.Uint32())
		binary.LittleEndian.PutUint16(port, uint16(f.rand.Uint32()))
		return
	}
	a := peer.Addr().Unmap().As4()
	copy(ip, a[:])
	binary.LittleEndian.PutUint16(port, peer.Port())
}
