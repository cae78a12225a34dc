package at

import (
	"time"

	"github.com/netdev-go/netdev/drivers/internal/uart"
)

// Sizes of what a Conn holds. What arrives while something is sent has to fit in,
// beside the port's own ring.
const (
	lineSize  = 256
	inputSize = 256
	piece     = 64 // bytes that are written without looking at what arrives
)

// A modem may talk without end. So often what has arrived is read in one go, and
// so often once the time of a reply is over.
const (
	mostFills = 16
	overtime  = 4
)

// A Conn is the near end of a UART with a modem. Its methods are called from one
// goroutine.
type Conn struct {
	// Heard is given each line that could be unasked, and returns whether it was.
	Heard func(line []byte) bool

	// Lost is told of bytes that arrived and were not understood.
	Lost func()

	line    *uart.Line
	scan    *Scanner
	in      []byte // in[at:] has been read and not scanned
	at      int
	command Command
	failure Failure
	echo    bool // the modem repeats commands
	over    int  // how often input was read since the time of the reply was over

	Commands uint32 // counts what was sent
	Unasked  uint32 // counts lines that were heard
}

// NewConn returns a Conn over line. The modem is taken to echo until Sync.
func NewConn(line *uart.Line) *Conn {
	return &Conn{
		line:    line,
		scan:    NewScanner(lineSize),
		in:      make([]byte, 0, inputSize),
		command: Command{b: make([]byte, 0, mostCommand)},
		echo:    true,
	}
}

// Command begins a command, the name of which stands behind "AT".
func (c *Conn) Command(name string) *Command {
	c.command.begin(name)
	return &c.command
}

// Again returns the command that was begun last, for more parameters.
func (c *Conn) Again() *Command { return &c.command }

// Keep returns a copy of the command that was begun last, and Restore begins it
// again, so that it can be sent once more after others were.
func (c *Conn) Keep() []byte { return append([]byte(nil), c.command.b...) }

// Restore is described at Keep.
func (c *Conn) Restore(command []byte) { c.command.b = append(c.command.b[:0], command...) }

// Send sends the command that was begun last. What arrived before is not part of
// its reply; it is handled first.
func (c *Conn) Send() error {
	if c.command.err != nil {
		return c.command.err
	}
	if err := c.Listen(); err != nil {
		return err
	}
	c.failure, c.over = Failure{}, 0
	c.scan.Expect("", false)
	c.scan.ExpectPrompt(false)
	c.Commands++
	c.command.b = append(c.command.b, '\r', '\n')
	err := c.write(c.command.b)
	c.command.b = c.command.b[:len(c.command.b)-2]
	return err
}

// ExpectCounted has counted data of this reply told; see [Scanner.Expect].
func (c *Conn) ExpectCounted(header string, addressed bool) { c.scan.Expect(header, addressed) }

// ExpectPrompt has a Prompt in this reply told.
func (c *Conn) ExpectPrompt() { c.scan.ExpectPrompt(true) }

// Write sends data, for which the modem waits.
func (c *Conn) Write(b []byte) error { return c.write(b) }

// write looks at what arrives between pieces: a small ring would overflow while
// a long text goes out.
func (c *Conn) write(b []byte) error {
	for len(b) > 0 {
		n := min(len(b), piece)
		if err := c.line.Write(b[:n]); err != nil {
			return err
		}
		b = b[n:]
		if err := c.fill(); err != nil {
			return err
		}
	}
	return nil
}

// fill reads what has arrived, as far as there is room.
func (c *Conn) fill() error {
	if c.at > 0 {
		c.in = c.in[:copy(c.in, c.in[c.at:])]
		c.at = 0
	}
	for len(c.in) < cap(c.in) {
		n, err := c.line.Read(c.in[len(c.in):cap(c.in)])
		if n == 0 || err != nil {
			return err
		}
		c.in = c.in[:len(c.in)+n]
	}
	return nil
}

// token returns the next token, for which it waits until the time is there; More
// where there is none.
func (c *Conn) token(until time.Time) (Token, error) {
	for {
		if c.at < len(c.in) {
			n, t := c.scan.Scan(c.in[c.at:])
			c.at += n
			if t.Kind != More {
				return t, nil
			}
		}
		if time.Now().Before(until) {
			c.over = 0
		} else if c.over++; c.over > overtime {
			return Token{}, nil
		}
		if err := c.fill(); err != nil {
			return Token{}, err
		}
		if c.at == len(c.in) && !c.line.Wait(until) {
			return Token{}, nil
		}
	}
}

// Next returns the next token of the reply. Lines that are unasked are heard and
// left out, and so are empty ones, unless blank is true.
func (c *Conn) Next(until time.Time, blank bool) (Token, error) {
	for {
		t, err := c.token(until)
		if err != nil {
			return t, err
		}
		switch t.Kind {
		case More:
			return t, ErrTimeout
		case Pushed:
			c.skip(t.N, until)
			c.lost()
			continue
		case Long:
			return t, ErrGarbled
		case Line:
			if len(t.Text) == 0 {
				if blank {
					return t, nil
				}
				continue
			}
			if c.hear(t.Text) {
				continue
			}
		}
		return t, nil
	}
}

// skip throws counted data away.
func (c *Conn) skip(n int, until time.Time) {
	for n > 0 {
		t, err := c.token(until)
		if err != nil || t.Kind != Data {
			return
		}
		n -= len(t.Text)
	}
}

func (c *Conn) hear(line []byte) bool {
	if c.Heard == nil || !c.Heard(line) {
		return false
	}
	c.Unasked++
	return true
}

func (c *Conn) lost() {
	if c.Lost != nil {
		c.Lost()
	}
}

// Await throws away what the modem says until it says line, but for no longer
// than until the time is there.
func (c *Conn) Await(line string, until time.Time) bool {
	for {
		t, err := c.token(until)
		if err != nil || t.Kind == More {
			return false
		}
		if t.Kind == Line && string(t.Text) == line {
			return true
		}
	}
}

// Listen handles what has arrived unasked, and does not wait for more.
func (c *Conn) Listen() error {
	for fills := 0; fills < mostFills; fills++ {
		if err := c.fill(); err != nil {
			return err
		}
		if c.at == len(c.in) {
			return nil
		}
		for c.at < len(c.in) {
			n, t := c.scan.Scan(c.in[c.at:])
			c.at += n
			switch {
			case t.Kind == More, t.Kind == Line && len(t.Text) == 0:
			case t.Kind == Line && c.hear(t.Text):
			case t.Kind == Data: // of a Pushed
			default:
				c.lost()
			}
		}
	}
	return nil
}

// Wait waits for something unasked as [uart.Line.Idle] does, and handles it.
func (c *Conn) Wait(wake <-chan struct{}, d time.Duration) error {
	if c.at == len(c.in) && !c.line.Idle(wake, d) {
		return nil
	}
	return c.Listen()
}
