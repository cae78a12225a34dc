package w5500

// bufferLen is the memory for one direction of all sockets.
const bufferLen = 16 << 10

// memory returns where the buffer of socket n begins in that of all, and how long
// it is: register size, in KiB, is that of each socket, and they follow each other.
func (c *Chip) memory(n int, size int) (base, length int) {
	for i := range n {
		base += kib(c.sockets[i].regs[size])
	}
	return base % bufferLen, kib(c.sockets[n].regs[size])
}

// kib is a register's size in bytes; what is none of 0, 1, 2, 4, 8, 16 is 0.
func kib(v byte) int {
	switch v {
	case 1, 2, 4, 8, 16:
		return int(v) << 10
	}
	return 0
}

// oversized reports whether the sockets have more memory than there is.
func (c *Chip) oversized() bool {
	tx, rx := 0, 0
	for i := range c.sockets {
		tx += kib(c.sockets[i].regs[snTXBUF_SIZE])
		rx += kib(c.sockets[i].regs[snRXBUF_SIZE])
	}
	return tx > bufferLen || rx > bufferLen
}

// A ring is the buffer of a socket: addresses wrap at its length, and the memory
// at its end where sockets have more than there is.
type ring struct {
	mem          *[bufferLen]byte
	base, length int
}

func (c *Chip) txRing(n int) ring {
	base, length := c.memory(n, snTXBUF_SIZE)
	return ring{&c.tx, base, length}
}

func (c *Chip) rxRing(n int) ring {
	base, length := c.memory(n, snRXBUF_SIZE)
	return ring{&c.rx, base, length}
}

func (r ring) at(addr uint16) *byte {
	return &r.mem[(r.base+int(addr)%r.length)%bufferLen]
}

func (r ring) put(addr uint16, b []byte) {
	for i, v := range b {
		*r.at(addr + uint16(i)) = v
	}
}

func (r ring) get(addr uint16, b []byte) {
	for i := range b {
		b[i] = *r.at(addr + uint16(i))
	}
}
