package w5500

import (
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"
)

// A Chip is a simulated W5500. The MCU's side is Tx, CS, Reset, Interrupt and
// OnInterrupt. All methods may be called from any goroutine.
type Chip struct {
	config   Config
	wake     chan struct{} // something is to be done
	stop     chan struct{}
	stopped  chan struct{}
	stopping sync.Once

	mu      sync.Mutex
	rng     *rand.Rand
	common  [commonLen]byte
	sockets [8]socket
	tx, rx  [bufferLen]byte
	scratch [maxDatagram + 1]byte // on its way between Network and these

	high    bool      // the reset pin
	answers time.Time // from when on the chip answers
	linkAt  time.Time // when the PHY has negotiated
	plugged bool
	over    bool
	silence time.Time // until when MISO is dead
	silent  byte      // what it shows then

	bus   bus
	stats Stats

	address   address   // what Network was configured with
	addressAt time.Time // when what was written is complete at the latest
	ports     map[uint16]*listener

	quiet     bool // INTn is high
	held      bool // low as soon as quietFrom has come
	quietFrom time.Time
	onInt     func()
}

// address is what SIPR, SUBR and GAR say.
type address struct {
	prefix  netip.Prefix
	gateway netip.Addr
	up      bool
}
