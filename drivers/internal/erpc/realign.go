package erpc

import "time"

// How the other end reads: a header of four bytes; where that announces more
// than maxMessage, the four are dropped; otherwise as many bytes as it says, and
// nothing happens when the CRC is wrong. A byte lost or doubled therefore leaves
// it out of step, for ever: there is nothing in the stream that begins a frame.
//
// Out of step means: it misses up to maxMessage bytes, or its next header begins
// at another place, modulo four, than the next frame. Zeros cure the first, a
// zero header being an empty message with a wrong CRC. alignment cures the
// second: each of its three numbers is, for a reader that is that far off, a
// message with as many bytes as lead back, and for the others part of a wrong
// CRC, or of a length above maxMessage.
const (
	maxMessage = 4096
	stepTime   = 40 * time.Millisecond  // for the other end to get through its receive ring
	probeTime  = 250 * time.Millisecond // for its answer
)

var (
	zeros     [64]byte
	alignment = [3 * 28]byte{
		0*28 + 3: 0x11, // 17 bytes follow the header that begins here
		1*28 + 2: 0x12,
		2*28 + 1: 0x13,
	}
)

// recover brings the ends together after a call that failed with err. It returns
// whether it could.
func (c *Client) recover(err error) bool {
	c.failures++
	if c.failures >= maxFailures {
		return false
	}
	if err != ErrTimeout && err != ErrWrite {
		c.line.Drain(quietTime, drainLimit)
		return true // the other end has spoken, and may well be in step
	}
	// The rest of the request may be what it waits for; if a length was damaged,
	// that can be more.
	return c.realign(len(c.out.buf)) || c.realign(frameHeader+maxMessage)
}

// realign fills up what the other end may wait for, and asks whether it is in
// step. The call under way stays written.
func (c *Client) realign(fill int) bool {
	c.stats.Realigns++
	for ; fill > 0; fill -= len(zeros) {
		if c.write(zeros[:]) != nil {
			return false
		}
	}
	c.settle()
	if c.write(alignment[:]) != nil {
		return false
	}
	c.settle()
	return c.Answers(probeTime)
}

// Answers makes the call of Config.Probe, and reports whether there was a right
// reply. Nothing is done about it if there was not.
func (c *Client) Answers(timeout time.Duration) bool {
	call, out := c.call, c.out
	c.out = &c.small
	c.probe(c)
	err := c.exchange(timeout)
	c.call, c.out = call, out
	return err == nil
}

// settle handles what the other end says until it has been silent for stepTime.
func (c *Client) settle() {
	for end := time.Now().Add(drainLimit); time.Now().Before(end); {
		h, d, err := c.receive(time.Now().Add(stepTime))
		switch err {
		case nil:
			c.other(h, d)
		case ErrTimeout:
			return
		default:
			c.line.Drain(quietTime, drainLimit)
		}
	}
}
