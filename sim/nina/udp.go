package nina

import "net/netip"

// udpBuffer is the size of both buffers of a datagram socket.
const udpBuffer = 1500

// A udp is a datagram socket of the legacy commands. Sending and receiving share
// the address of the peer.
type udp struct {
	fd     int
	remote netip.AddrPort

	in         [udpBuffer]byte
	read, size int // of in
	out        [udpBuffer]byte
	filled     int // of out
}

func (f *firmware) beginUDP(u *udp, port uint16) bool {
	u.fd = f.socket(2)
	if u.fd < 0 {
		return false
	}
	if f.bind(u.fd, port) < 0 {
		f.close(u.fd)
		u.fd = -1
		return false
	}
	f.setNonblock(u.fd)
	return true
}

func (f *firmware) beginMulticast(u *udp, group netip.Addr, port uint16) bool {
	if !f.beginUDP(u, port) {
		return false
	}
	s := f.lookup(u.fd)
	s.group = group
	f.network().JoinGroup(s.fd, group, "")
	return true
}

// stopUDP leaves what was received and not read to whoever has the slot next.
func (f *firmware) stopUDP(u *udp) {
	f.close(u.fd)
	u.fd = -1
}

func (u *udp) available() int { return u.size - u.read }

// parse takes the next datagram. Only the task that drives GPIO0 calls it.
func (f *firmware) parse(u *udp) int {
	u.read, u.size = 0, 0
	n, from := f.recv(u.fd, u.in[:], dontWait)
	if n <= 0 {
		return 0
	}
	u.size, u.remote = n, from
	return n
}

// take reads a datagram as if it were a stream.
func (u *udp) take(b []byte) int {
	n := copy(b, u.in[u.read:u.size])
	u.read += n
	return n
}

func (u *udp) takeByte(keep bool) int {
	if u.available() == 0 {
		return -1
	}
	b := u.in[u.read]
	if !keep {
		u.read++
	}
	return int(b)
}

func (u *udp) begin(to netip.AddrPort) {
	u.remote = to
	u.filled = 0
}

// append copies all of b, beyond the buffer's end too.
func (f *firmware) append(u *udp, b []byte) int {
	if u.filled+len(b) > len(u.out) {
		f.hurt("%d bytes appended to a datagram of %d in a buffer of %d", len(b), u.filled, len(u.out))
	}
	n := copy(u.out[u.filled:], b)
	u.filled += n
	return n
}

func (f *firmware) sendUDP(u *udp) bool {
	to := u.remote
	if !to.IsValid() {
		to = netip.AddrPortFrom(netip.IPv4Unspecified(), 0)
	}
	return f.send(u.fd, u.out[:u.filled], to) >= 0
}
