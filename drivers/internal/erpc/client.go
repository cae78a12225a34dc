package erpc

import (
	"time"

	"github.com/netdev-go/netdev/drivers/internal/uart"
)

// Times of the wire. A frame comes without pauses; the longest one that is asked
// for takes a tenth of frameTime at the speed of the chips that speak this.
const (
	frameTime  = 250 * time.Millisecond // from a frame's first byte to its last
	quietTime  = 10 * time.Millisecond  // of silence: the other end has finished
	drainLimit = 500 * time.Millisecond
)

const (
	attempts    = 3  // of a call that may be repeated
	maxFailures = 8  // one after the other, before the other end is given up
	burst       = 32 // messages that are handled before a call is made
	maxProbe    = messageHeader + 24
)

// Config describes a Client. All of it is needed, except Sequence.
type Config struct {
	Line       *uart.Line
	MaxRequest int // longest message of a request
	MaxReply   int // and of a reply, or an event

	// Handle is given what the other end says by itself, at any time, also while
	// a call waits for its reply. d is valid until Handle returns. Handle must not
	// call the Client.
	Handle func(h Header, d *Decoder)

	// Probe writes a request that has no effect, with which the client finds out
	// whether it is understood. It has at most 24 bytes of values.
	Probe func(c *Client)

	// Sequence is the number of the first call.
	Sequence uint32
}

// Stats count what a client has seen.
type Stats struct {
	Calls    uint32 // requests sent, repeated ones too
	Sent     uint32 // bytes
	Received uint32 // bytes
	Repeats  uint32 // calls that were made again
	Strays   uint32 // replies to calls that were given up, and what is no reply at all
	Damaged  uint32 // frames with an error, and errors of the UART
	Realigns uint32 // attempts to bring the ends together again
}

// A Client calls procedures, one after the other. One goroutine uses it.
type Client struct {
	line     *uart.Line
	handle   func(h Header, d *Decoder)
	probe    func(c *Client)
	in       *Receiver
	out      *Encoder
	reply    Decoder
	sequence uint32
	call     Header // the one under way, or the last
	failures int    // since the last right reply
	small    Encoder
	stats    Stats
}

// NewClient returns one that has said nothing yet.
func NewClient(c Config) *Client {
	return &Client{
		line: c.Line, handle: c.Handle, probe: c.Probe, sequence: c.Sequence,
		in: NewReceiver(c.MaxReply), out: NewEncoder(c.MaxRequest),
		small: *NewEncoder(maxProbe),
	}
}

// Stats returns the counters.
func (c *Client) Stats() Stats { return c.stats }

// Reset is for another end that was reset, and begins anew.
func (c *Client) Reset() {
	c.line.Drain(quietTime, drainLimit)
	c.in.Reset()
	c.failures = 0
}

// Request begins a call: its values are to be written to what it returns.
func (c *Client) Request(service, request uint8) *Encoder {
	c.call = Header{Type: Invocation, Service: service, Request: request}
	c.out.Begin(c.call)
	return c.out
}

// Call makes the call that Request began, and returns its reply, which is valid
// until the next Request. The other end has the time of timeout to answer.
//
// With repeat the call is made again, under a new number, when there is no
// right reply: it must be one that does no harm when it is made twice. Otherwise
// an error leaves open whether it was made, unless it is ErrTooLong.
//
// ErrLost is for another end that makes no sense any more: it is to be reset,
// and then Reset to be called.
func (c *Client) Call(timeout time.Duration, repeat bool) (*Decoder, error) {
	for n := 1; ; n++ {
		err := c.exchange(timeout)
		if err == nil {
			c.failures = 0
			return &c.reply, nil
		}
		if c.out.full {
			return nil, ErrTooLong
		}
		if !c.recover(err) {
			return nil, ErrLost
		}
		if !repeat || n == attempts {
			return nil, err
		}
		c.stats.Repeats++
	}
}

// exchange sends the request and waits for its reply.
func (c *Client) exchange(timeout time.Duration) error {
	c.call.Sequence = c.sequence
	c.sequence++
	c.out.renumber(c.call.Sequence)
	frame, err := c.out.Frame()
	if err != nil {
		return err
	}
	// What came before is not an answer, but may be an event.
	if err := c.Poll(); err != nil {
		c.line.Drain(quietTime, drainLimit)
	}
	c.stats.Calls++
	if err := c.write(frame); err != nil {
		return err
	}
	end := time.Now().Add(timeout)
	for {
		h, d, err := c.receive(end)
		if err != nil {
			return err
		}
		if h.Type == Reply && h == c.expected() {
			c.reply = d
			return nil
		}
		c.other(h, d)
		if !time.Now().Before(end) {
			return ErrTimeout
		}
	}
}

func (c *Client) write(b []byte) error {
	c.stats.Sent += uint32(len(b))
	if c.line.Write(b) != nil {
		return ErrWrite
	}
	return nil
}

// expected is the header of the right reply.
func (c *Client) expected() Header {
	h := c.call
	h.Type = Reply
	return h
}

// other is for a message that is not the reply waited for. A reply is then one
// to a call that was given up.
func (c *Client) other(h Header, d Decoder) {
	if h.Type != Invocation && h.Type != OneWay {
		c.stats.Strays++
		return
	}
	c.handle(h, &d)
}

// receive returns the next message. It waits until end for one to begin.
func (c *Client) receive(end time.Time) (Header, Decoder, error) {
	var begun time.Time // when the frame did
	for {
		n, err := c.line.Read(c.in.Space())
		if err != nil {
			c.in.Reset()
			c.stats.Damaged++
			return Header{}, Decoder{}, ErrIncomplete
		}
		if n == 0 {
			if !c.in.Begun() {
				if !c.line.Wait(end) {
					return Header{}, Decoder{}, ErrTimeout
				}
				continue
			}
			if !c.line.Wait(begun.Add(frameTime)) {
				c.in.Reset()
				c.stats.Damaged++
				return Header{}, Decoder{}, ErrIncomplete
			}
			continue
		}
		if !c.in.Begun() {
			begun = time.Now()
		}
		c.stats.Received += uint32(n)
		message, err := c.in.Took(n)
		if err == nil && message == nil && time.Since(begun) > frameTime {
			c.in.Reset()
			err = ErrIncomplete
		}
		if err != nil {
			c.stats.Damaged++
			return Header{}, Decoder{}, err
		}
		if message != nil {
			h, d, err := ParseMessage(message)
			if err != nil {
				c.stats.Damaged++
			}
			return h, d, err
		}
	}
}

// Poll handles what has arrived, without waiting for more than the rest of a
// frame that has begun. After an error the next call is still possible.
func (c *Client) Poll() error {
	for n := 0; n < burst && c.line.Buffered() > 0; n++ {
		h, d, err := c.receive(time.Time{})
		if err != nil {
			return err
		}
		c.other(h, d)
	}
	return nil
}

// Idle waits until the other end has said something, which it handles, or as
// [uart.Line.Idle] does.
func (c *Client) Idle(wake <-chan struct{}, d time.Duration) {
	if c.line.Idle(wake, d) && c.Poll() != nil {
		c.line.Drain(quietTime, drainLimit)
	}
}
