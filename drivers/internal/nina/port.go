package nina

import "time"

// SPI is the bus, in mode 0 and at 8 MHz. Either slice may be nil; where neither
// is they are equally long.
type SPI interface {
	Tx(w, r []byte) error
}

// Config describes the wires of a chip. SPI, CS and Ready are needed.
type Config struct {
	SPI   SPI
	CS    func(high bool) // SPI's chip select
	Ready func() bool     // the level of READY, which is low when the chip has time

	// OnReady registers f to be called when READY falls, also from an interrupt.
	// nil has READY looked at again and again.
	OnReady func(f func())

	// Reset sets the level of RESETN; without it a chip that does not answer is
	// lost. ResetInverted is for boards with an inverter in the line.
	Reset         func(high bool)
	ResetInverted bool

	// GPIO0 drives the pin high, so that a chip that is reset runs its firmware, or
	// lets go of it. It may be nil where the pin is not wired.
	GPIO0 func(drive bool)

	// Timeout is how long the chip may take for what waits for the network: a name
	// or a TLS handshake. 60 s if 0. Where it has passed the chip is dead.
	Timeout time.Duration
}

// A Port is a chip's bus. One goroutine at a time uses it.
type Port struct {
	cfg   Config
	req   Request
	reply Reply
	fell  chan struct{} // READY has
	timer *time.Timer
	dead  bool // nothing is sent before the next Boot
}

// New returns the port of a chip that Boot has not been called for.
func New(c Config) *Port {
	if c.Timeout <= 0 {
		c.Timeout = 60 * time.Second
	}
	p := &Port{cfg: c, dead: true}
	if c.OnReady != nil {
		p.fell = make(chan struct{}, 1)
		c.OnReady(func() {
			select {
			case p.fell <- struct{}{}:
			default:
			}
		})
	}
	return p
}

// Begin begins a request, the parameters of which are added to what it returns.
func (p *Port) Begin(c Command) *Request {
	p.req.begin(c)
	return &p.req
}

// Alive reports whether the chip was booted and has not fallen silent.
func (p *Port) Alive() bool { return !p.dead }

// How often a request is sent at most, and how many transfers are made to find
// the way back to a chip: after two it has it where none of those was disturbed.
const (
	maxTries  = 4
	maxResync = 8
)

// Do exchanges what was begun for its reply. What the chip has not carried out,
// or may carry out twice, is tried again where a reply makes no sense.
func (p *Port) Do() (*Reply, error) {
	if p.req.long || p.req.size() > MaxFrame {
		return nil, ErrTooLong
	}
	if p.dead {
		return nil, ErrSilent
	}
	for try := 1; ; try++ {
		err := p.exchange()
		switch {
		case err == nil:
			return &p.reply, nil
		case err == ErrRejected:
			// The chip saw something else, or the command is really unknown to it.
			if try == maxTries/2 {
				return nil, err
			}
			continue
		case err == ErrSilent || !p.resync():
			p.dead = true
			return nil, ErrSilent
		}
		if err == errOther || err == ErrUnclear && !p.req.cmd.repeatable() || try == maxTries {
			return nil, ErrUnclear
		}
	}
}

// exchange sends the request, and reads the reply.
func (p *Port) exchange() error {
	if !p.await(low, quick) {
		return ErrSilent
	}
	if !p.selected() {
		p.cfg.CS(high)
		return errUnsent
	}
	err := p.send()
	p.cfg.CS(high)
	if err != nil {
		return ErrUnclear
	}
	// However long it takes: nothing else may be clocked before, it would be
	// taken for the reading of this reply.
	if !p.await(low, p.req.cmd.patience(p.cfg.Timeout)) {
		return ErrSilent
	}
	err = ErrUnclear
	if p.selected() {
		err = p.reply.decode(p, p.req.cmd, p.req.into)
	}
	p.cfg.CS(high)
	return err
}

func (p *Port) send() error {
	if err := p.cfg.SPI.Tx(p.req.head[:p.req.n], nil); err != nil {
		return err
	}
	if len(p.req.data) > 0 {
		if err := p.cfg.SPI.Tx(p.req.data, nil); err != nil {
			return err
		}
	}
	return p.cfg.SPI.Tx(p.req.tail(), nil)
}

// read is for decode. What is sent meanwhile the chip does not look at, or, if
// it is not where it should be, does not know.
func (p *Port) read(b []byte) error {
	var err error
	if len(b) == word {
		err = p.cfg.SPI.Tx(idle[:], b)
	} else {
		err = p.cfg.SPI.Tx(nil, b)
	}
	if err != nil {
		return ErrUnclear
	}
	return nil
}

var idle = [word]byte{padding, padding, padding, padding}

// resync brings the chip to where it expects a command. It clocks a word of
// padding in each transfer: a chip that expects a command does not know this
// one, and a chip that has a reply to give gives it. So the chip's "no" is its
// last word before it expects a command again.
func (p *Port) resync() bool {
	var b [word]byte
	for i := 0; i < maxResync; i++ {
		if !p.await(low, quick) {
			return false
		}
		var err error = ErrUnclear
		if p.selected() {
			err = p.cfg.SPI.Tx(idle[:], p.reply.win[:])
			b = p.reply.win
		}
		p.cfg.CS(high)
		if err == nil && b == rejected {
			return true
		}
	}
	return false
}

var rejected = [word]byte{startError, 0, endCommand, 0}
