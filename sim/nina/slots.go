package nina

import (
	"encoding/binary"
	"net/netip"
)

// Kinds of slots, and modes of the commands that fill them.
const (
	kindTCP       = 0
	kindUDP       = 1
	kindTLS       = 2
	kindMulticast = 3 // a mode alone
	kindFree      = 255
)

// A slot is what the legacy commands call a socket: one of each kind, of which one
// is in use. Freeing a slot does not change the others.
type slot struct {
	kind   byte
	client client
	server server
	udp    udp
	tls    tlsClient
}

func freeSlot() slot {
	return slot{kind: kindFree, client: client{-1}, server: newServer(0), udp: udp{fd: -1}, tls: tlsClient{fd: -1, peeked: -1}}
}

// slot returns one by its number, of which there are ten, and the firmware does
// not look.
func (f *firmware) slot(i byte) *slot {
	if i >= maxSockets {
		f.hurt("socket %d of %d", i, maxSockets)
	}
	return &f.slots[i]
}

// freeSlot returns the first one that is free, except for one, or 255.
func (f *firmware) freeSlot(except int) byte {
	for i := range f.slots {
		if i != except && f.slots[i].kind == kindFree {
			return byte(i)
		}
	}
	return 255
}

func getSocket(f *firmware, _, response []byte) int { return one(response, f.freeSlot(-1)) }

func startServer(f *firmware, command, response []byte) int {
	var group [4]byte
	at := 4
	if command[2] != 3 {
		group, at = [4]byte(command[4:]), 9
	}
	port := binary.BigEndian.Uint16(command[at:])
	s := f.slot(command[at+3])
	ok, kind := false, byte(kindUDP)
	switch mode := command[at+5]; mode {
	case kindTCP:
		ok, kind = f.beginServer(&s.server, port), kindTCP
	case kindUDP:
		ok = f.beginUDP(&s.udp, port)
	case kindMulticast:
		ok = f.beginMulticast(&s.udp, netip.AddrFrom4(group), port)
	}
	if ok {
		s.kind = kind
	}
	return one(response, success(ok))
}

func getServerState(f *firmware, command, response []byte) int {
	return one(response, success(f.slot(command[4]).server.listens()))
}

// startClient answers a failure without a parameter.
func startClient(f *firmware, command, response []byte) int {
	host, at := "", 4
	if command[2] != 4 {
		host, at = f.parameter(command, 3, 255)
		at++
	}
	to := addrPort(command[at:], command[at+5:])
	if f.connectSlot(f.slot(command[at+8]), command[at+10], host, to) {
		return one(response, 1)
	}
	return 4
}

func (f *firmware) connectSlot(s *slot, kind byte, host string, to netip.AddrPort) bool {
	if kind == kindTLS {
		if !f.connectTLS(&s.tls, host, to) {
			return false
		}
		s.kind = kind
		return true
	}
	if kind != kindTCP && kind != kindUDP {
		return false
	}
	if host != "" {
		addr, ok := f.resolve(host)
		if !ok {
			return false
		}
		to = netip.AddrPortFrom(netip.AddrFrom4(addr), to.Port())
	}
	if kind == kindUDP {
		s.udp.begin(to)
	} else if !f.connectClient(&s.client, to) {
		return false
	}
	s.kind = kind
	return true
}

// stopSlot frees a slot. It stops no server.
func stopSlot(f *firmware, command, response []byte) int {
	s := f.slot(command[4])
	switch s.kind {
	case kindTCP:
		f.stopClient(&s.client)
	case kindUDP:
		f.stopUDP(&s.udp)
	case kindTLS:
		f.stopTLS(&s.tls)
	}
	s.kind = kindFree
	return one(response, 1)
}

// getClientState frees what is not connected.
func getClientState(f *firmware, command, response []byte) int {
	s := f.slot(command[4])
	switch {
	case s.kind == kindTCP && f.connectedClient(&s.client),
		s.kind == kindTLS && f.connectedTLS(&s.tls):
		return one(response, 4)
	}
	s.kind = kindFree
	return one(response, 0)
}

// getAvailable tells how much there is to read, or of a server a slot with a
// client. What asks for a true accept is the byte behind the socket's number and
// the next length, or whatever else is there.
func getAvailable(f *firmware, command, response []byte) int {
	i := command[4]
	s := f.slot(i)
	n := 0
	switch {
	case s.kind == kindTCP && s.server.listens():
		if command[6] != 0 && !f.chip.older("1.6.0") {
			n = f.acceptSlot(s)
		} else {
			n = f.availableSlot(s, int(i))
		}
	case s.kind == kindTCP:
		n = f.availableClient(&s.client)
	case s.kind == kindUDP:
		n = s.udp.available()
	case s.kind == kindTLS:
		n = f.availableTLS(&s.tls)
	}
	return one(response, byte(n), byte(n>>8))
}

// acceptSlot gives a new client the first free slot.
func (f *firmware) acceptSlot(s *slot) int {
	i := f.freeSlot(-1)
	if i == 255 {
		return 255
	}
	fd := f.nextServer(&s.server)
	if fd < 0 {
		return 255
	}
	f.slots[i].kind, f.slots[i].client = kindTCP, client{fd}
	return int(i)
}

// availableSlot returns the slot of a client that has data, a new one where it is
// one that has none.
func (f *firmware) availableSlot(s *slot, at int) int {
	c := f.availableServer(&s.server)
	if c.fd < 0 {
		return 255
	}
	for i := range f.slots {
		if i != at && f.slots[i].kind == kindTCP && f.slots[i].client == c {
			return i
		}
	}
	i := f.freeSlot(at)
	if i != 255 {
		f.slots[i].kind, f.slots[i].client = kindTCP, c
	}
	return int(i)
}

// getByte returns 255 where there is none, which may be one too.
func getByte(f *firmware, command, response []byte) int {
	s, keep := f.slot(command[4]), command[6] != 0
	b := 0
	switch {
	case s.kind == kindTCP && keep:
		b = f.peekClient(&s.client)
	case s.kind == kindTCP:
		b = f.readClientByte(&s.client)
	case s.kind == kindUDP:
		b = s.udp.takeByte(keep)
	case s.kind == kindTLS:
		b = f.takeByteTLS(&s.tls, keep)
	}
	return one(response, byte(b))
}

func sendData(f *firmware, command, response []byte) int {
	s := f.slot(command[5])
	data := f.data(command, 6)
	n := 0
	switch {
	case s.kind == kindTCP && s.server.listens():
		n = f.writeServer(&s.server, data)
	case s.kind == kindTCP:
		n = f.writeClient(&s.client, data)
	case s.kind == kindTLS:
		n = f.writeTLS(&s.tls, data)
	}
	return one(response, byte(n), byte(n>>8))
}

// getData does not hold the size to that of the buffer.
func getData(f *firmware, command, response []byte) int {
	const header = 5
	s := f.slot(command[5])
	size := int(binary.LittleEndian.Uint16(command[8:]))
	if size > bufferLen-header-1 {
		f.harm("read of %d bytes into a buffer of %d", size, bufferLen)
	}
	data := make([]byte, size)
	n := 0
	switch s.kind {
	case kindTCP:
		n = f.readClient(&s.client, data)
	case kindUDP:
		n = s.udp.take(data)
	case kindTLS:
		n = f.readTLS(&s.tls, data)
	}
	if n = max(n, 0); n > bufferLen-header-1 {
		f.hurt("a read has written %d bytes beyond its buffer", n+header+1-bufferLen)
	}
	response[2] = 1
	binary.BigEndian.PutUint16(response[3:], uint16(n))
	copy(response[header:], data[:n])
	return header + 1 + n
}

func insertData(f *firmware, command, response []byte) int {
	n := f.append(&f.slot(command[5]).udp, f.data(command, 6))
	return one(response, success(n != 0))
}

func sendDatagram(f *firmware, command, response []byte) int {
	return one(response, success(f.sendUDP(&f.slot(command[4]).udp)))
}

// getRemote has the port in network order.
func getRemote(f *firmware, command, response []byte) int {
	s := f.slot(command[4])
	peer := netip.AddrPortFrom(netip.IPv4Unspecified(), 0)
	switch s.kind {
	case kindTCP:
		peer, _ = f.peerName(s.client.fd)
	case kindTLS:
		peer, _ = f.peerName(s.tls.fd)
	case kindUDP:
		if s.udp.remote.IsValid() {
			peer = s.udp.remote
		}
	}
	response[2], response[3], response[8] = 2, 4, 2
	f.putPeer(response[4:], response[9:], peer)
	response[9], response[10] = response[10], response[9]
	return 12
}
