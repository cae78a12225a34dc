package w5500

import (
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/netdev-go/netdev"
)

// A socket is one of the eight.
type socket struct {
	n    int
	regs [socketLen]byte

	fd    int         // of Network, or -1
	ready atomic.Bool // Network has something new of fd

	command  byte      // in Sn_CR
	shown    int       // to so many reads yet
	showTo   uint64    // until this transaction
	commence time.Time // when a command is taken, with Latency

	read     uint16 // Sn_RX_RD as of the last RECV
	late     int    // bytes received that Sn_RX_WR does not tell of yet
	sending  bool   // between SEND and SENDOK
	end      uint16 // what SEND has to send ends here
	given    uint16 // up to where Network has it
	finish   bool   // DISCON was commanded
	finished bool   // Network has sent the FIN
	eof      bool   // the peer's FIN has come
	listener *listener
	ask      time.Duration // until Network is asked again
	begun    time.Time     // of a SYN
	due      time.Time     // when what it waits for takes too long; zero is never
	owed     bool          // a datagram of SEND was not handed on yet
	await    netip.Addr    // whose hardware address it waits for
	tellAt   time.Time     // when late is told of at the latest
}

func (s *socket) state() byte { return s.regs[snSR] }

func (s *socket) set(state byte) { s.regs[snSR] = state }

func (s *socket) raise(bits byte) { s.regs[snIR] |= bits }

func (s *socket) proto() byte { return s.regs[snMR] & protoMask }

func (s *socket) reg(addr int) uint16 { return word(s.regs[addr:]) }

func (s *socket) setReg(addr int, v uint16) { putWord(s.regs[addr:], v) }

// received is Sn_RX_RSR.
func (s *socket) received() uint16 { return s.reg(snRX_WR) - s.read }

// txFree is Sn_TX_FSR.
func (c *Chip) txFree(s *socket) uint16 {
	_, length := c.memory(s.n, snTXBUF_SIZE)
	return uint16(length) - (s.end - s.reg(snTX_RD))
}

// rxFree is how much the ring has room for.
func (c *Chip) rxFree(s *socket) int {
	_, length := c.memory(s.n, snRXBUF_SIZE)
	return max(0, length-int(s.received())-s.late)
}

// lateness is how long the chip's counters take to be right.
const lateness = 20 * time.Microsecond

// arrive puts bytes into the ring. The MCU may hear of the last of them a little
// later, as from a chip whose counters move while it looks.
func (c *Chip) arrive(s *socket, b []byte) {
	c.rxRing(s.n).put(s.reg(snRX_WR)+uint16(s.late), b)
	s.late += len(b)
}

// arrived tells of what did. A stream's last bytes may come a little later.
func (c *Chip) arrived(s *socket) {
	if s.proto() == protoTCP && s.late > 1 && !s.eof && c.rng.IntN(4) == 0 {
		now := 1 + c.rng.IntN(s.late-1)
		c.tell(s, now)
		s.tellAt = time.Now().Add(lateness)
		return
	}
	c.tell(s, s.late)
}

func (c *Chip) tell(s *socket, n int) {
	if n > 0 {
		s.late -= n
		s.setReg(snRX_WR, s.reg(snRX_WR)+uint16(n))
		s.raise(intRecv)
	}
}

// publish tells of what is late: now, or perhaps.
func (c *Chip) publish(s *socket, perhaps bool) {
	if s.late > 0 && !(perhaps && c.rng.IntN(2) == 0) {
		c.tell(s, s.late)
	}
}

// take gives s a socket of Network.
func (c *Chip) take(s *socket, fd int) {
	s.fd = fd
	c.config.Network.SetNonblock(fd, true)
	c.config.Network.PollNotify(fd, func() {
		s.ready.Store(true)
		c.poke()
	})
	s.ready.Store(true)
	c.poke()
}

// drop gives back what s has of Network: a connection without a FIN.
func (c *Chip) drop(s *socket) {
	c.unlisten(s)
	if s.fd >= 0 {
		if s.proto() == protoTCP {
			c.config.Network.SetSockOpt(s.fd, netdev.SOL_SOCKET, netdev.SO_LINGER, 0)
		}
		c.release(s)
	}
}

// release closes the socket of Network as it is.
func (c *Chip) release(s *socket) {
	c.config.Network.Close(s.fd)
	s.fd = -1
}

// closed ends a socket for these reasons.
func (c *Chip) closed(s *socket, reasons byte) {
	c.publish(s, false)
	c.drop(s)
	s.set(srClosed)
	s.raise(reasons)
	s.sending, s.finish, s.finished, s.due = false, false, false, time.Time{}
}

// poke has the chip's goroutine look.
func (c *Chip) poke() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}
