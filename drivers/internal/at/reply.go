package at

import (
	"errors"
	"time"
)

// Errors of an exchange. After each but a [Failure] the modem and the Conn may
// be in different places: [Conn.Sync] has them meet.
var (
	ErrTimeout = errors.New("at: the modem does not answer")
	ErrGarbled = errors.New("at: the answer makes no sense")
	ErrBusy    = errors.New("at: the modem is busy with another command")
)

// Errors of a command, which is not sent.
var (
	ErrTooLong   = errors.New("at: the command is too long")
	ErrCharacter = errors.New("at: the command has an end of line inside")
)

// A Failure is the modem's ERROR. It is the Conn's own, until the next command.
type Failure struct {
	Code  uint32 // of ERR CODE; 0 where the modem does not tell
	Errno int    // of ERRNO; 0 where the modem does not tell
}

func (*Failure) Error() string { return "at: the modem says ERROR" }

// The second byte of Failure.Code.
const (
	CodeNoEnd       = 0x02 // a command without its end
	CodeNoAT        = 0x03
	CodeWrongCount  = 0x06 // of parameters
	CodeUnsupported = 0x09 // an unknown command
	CodeExecution   = 0x0a // it was understood, and could not be done
)

// Reason is the second byte of the Code.
func (f *Failure) Reason() int { return int(f.Code >> 16 & 0xff) }

// Misheard tells whether the modem did not understand the command that it got,
// which may not be the one that was sent.
func (f *Failure) Misheard() bool {
	r := f.Reason()
	return r != 0 && r != CodeExecution
}

// Exec sends the command that was begun last and waits for the end of its reply.
// Lines that begin with prefix are given to each, without it; with an empty
// prefix all lines are. Either may return false: the reply makes no sense.
func (c *Conn) Exec(timeout time.Duration, prefix string, each func(Fields) bool) error {
	if err := c.Send(); err != nil {
		return err
	}
	return c.Reply(time.Now().Add(timeout), prefix, each)
}

// Reply is Exec after Send.
func (c *Conn) Reply(until time.Time, prefix string, each func(Fields) bool) error {
	c.over = 0
	for {
		t, err := c.Next(until, false)
		if err != nil {
			return err
		}
		if t.Kind != Line {
			return ErrGarbled
		}
		if each != nil && prefix != "" && hasPrefix(t.Text, prefix) {
			if !each(Fields(t.Text[len(prefix):])) {
				return ErrGarbled
			}
			continue
		}
		done, err := c.Final(t.Text)
		if err == ErrGarbled && each != nil && prefix == "" && each(Fields(t.Text)) {
			continue
		}
		if done {
			return err
		}
	}
}

// Final says whether line ends a reply: nil for OK, a Failure for ERROR.
func (c *Conn) Final(line []byte) (done bool, err error) {
	switch string(line) {
	case "OK", "SEND OK":
		return true, nil
	case "ERROR", "FAIL", "SEND FAIL":
		return true, &c.failure
	case "busy p...", "busy s...":
		return true, ErrBusy
	}
	const code, errno = "ERR CODE:0x", "+ERRNO:0x"
	switch {
	case hasPrefix(line, code):
		c.failure.Code = hex(line[len(code):])
	case hasPrefix(line, errno):
		c.failure.Errno = int(hex(line[len(errno):]))
	case c.echo && string(line) == string(c.command.b):
	default:
		return true, ErrGarbled
	}
	return false, nil
}

func hex(b []byte) (n uint32) {
	for _, c := range b {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0
		}
		n = n<<4 | uint32(c)
	}
	return n
}
