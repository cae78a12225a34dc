package at

import "time"

// quiet is how long the line has to be silent for what was under way to be over.
// It is also the silence around the bytes that end a transfer of data, which the
// ESP-AT firmware wants to be more than 20 ms.
const quiet = 30 * time.Millisecond

// Times that a modem has to answer AT; it doubles while it does not.
const (
	firstTry = 100 * time.Millisecond
	lastTry  = 1600 * time.Millisecond
)

// Sync has a modem and its Conn meet again after an exchange that went wrong:
// what is still on its way is thrown away, the modem answers AT, and ends its
// echo. What the modem said meanwhile is lost. sending tells that the modem may
// be waiting for data; it is made to forget it, so that nothing of what follows
// is taken for data.
func (c *Conn) Sync(sending bool, until time.Time) error {
	c.echo = true
	for try := firstTry; ; try = min(2*try, lastTry) {
		if c.drain(until) || sending {
			sending = false
			if err := c.cancel(until); err != nil {
				return err
			}
		}
		err := c.tryAT(try, until)
		if err == nil {
			// A reply that came late may have been taken for one of these: then one
			// more follows.
			_, err = c.Next(time.Now().Add(quiet), false)
			if err == ErrTimeout {
				return nil
			}
		}
		if err != nil && !isExchange(err) {
			return err
		}
		if !time.Now().Before(until) {
			return ErrTimeout
		}
	}
}

func isExchange(err error) bool {
	_, failed := err.(*Failure)
	return failed || err == ErrTimeout || err == ErrGarbled || err == ErrBusy
}

func (c *Conn) tryAT(try time.Duration, until time.Time) error {
	c.Command("")
	if err := c.Exec(min(try, time.Until(until)), "", anything); err != nil {
		return err
	}
	c.Command("E0")
	if err := c.Exec(try, "", anything); err != nil {
		return err
	}
	c.echo = false
	return nil
}

// A modem that has just begun says much.
func anything(Fields) bool { return true }

// cancel has the modem no longer wait for data.
func (c *Conn) cancel(until time.Time) error {
	if err := c.line.Write([]byte("+++")); err != nil {
		return err
	}
	c.drain(until)
	return nil
}

// drain throws away what arrives until the line is silent, and returns whether
// the last of it was a prompt.
func (c *Conn) drain(until time.Time) (prompt bool) {
	c.scan.Reset()
	for {
		for _, b := range c.in[c.at:] {
			prompt = b == '>' || prompt && b == ' '
		}
		c.in, c.at = c.in[:0], 0
		end := time.Now().Add(quiet)
		if !c.line.Wait(end) || !time.Now().Before(until) {
			return prompt
		}
		if c.fill() != nil {
			return prompt
		}
	}
}
