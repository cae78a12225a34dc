package espat

import "time"

func init() {
	register("", func(*call) error { return nil }, nil, nil)
	register("E0", func(c *call) error { return c.set(&c.s.echo, false) }, nil, nil)
	register("E1", func(c *call) error { return c.set(&c.s.echo, true) }, nil, nil)
	register("RST", restart, nil, func(c *call) error {
		if c.number(0, 1, -1); !c.complete() {
			return errParameters
		}
		return restart(c)
	})
	register("RESTORE", func(c *call) error {
		c.s.chip.mu.Lock()
		c.s.chip.stored = factory()
		c.s.chip.mu.Unlock()
		return restart(c)
	}, nil, nil)
	register("GMR", version, nil, nil)
	register("SYSSTORE", nil, show(func(s *session) int { return flag(s.store) }), choose(func(s *session, on bool) { s.store = on }))
	register("SYSLOG", nil, show(func(s *session) int { return flag(s.syslog) }), choose(func(s *session, on bool) { s.syslog = on }))
	register("SYSMSG", nil, show(func(s *session) int { return flag(s.verbose) << 1 }), func(c *call) error {
		n := c.number(0, 7, -1)
		if !c.complete() {
			return errParameters
		}
		return c.set(&c.s.verbose, n&2 != 0)
	})
	register("SYSRAM", nil, func(c *call) error {
		c.s.linef("+SYSRAM:%d,%d\r\n", 148408, 84044)
		return nil
	}, nil)
	register("UART_CUR", nil, nil, func(c *call) error { c.params = nil; return nil })
	register("SLEEP", nil, nil, func(c *call) error { c.params = nil; return nil })
}

// set changes a flag.
func (c *call) set(what *bool, on bool) error {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	*what = on
	return nil
}

// show is a query for a number.
func show(f func(s *session) int) handler {
	return func(c *call) error {
		c.s.mu.Lock()
		n := f(c.s)
		c.s.mu.Unlock()
		c.s.linef("+%s:%d\r\n", c.name, n)
		return nil
	}
}

// choose sets a flag by a number, 0 or 1.
func choose(f func(s *session, on bool)) handler {
	return func(c *call) error {
		n := c.number(0, 1, -1)
		if !c.complete() {
			return errParameters
		}
		c.s.mu.Lock()
		defer c.s.mu.Unlock()
		f(c.s, n == 1)
		return nil
	}
}

func flag(on bool) int {
	if on {
		return 1
	}
	return 0
}

func restart(c *call) error {
	c.s.out.end("\r\nOK\r\n")
	if c.s.chip.config.Baud > 0 {
		c.s.sleep(10 * time.Millisecond) // for the last bytes to leave
	}
	c.s.kill()
	return done{}
}

func version(c *call) error {
	v := c.s.chip.config.Firmware
	c.s.linef("AT version:%s(s-0000000 - ESP32 - Jul  1 2026 08:00:00)\r\n", v)
	c.s.linef("SDK version:v5.5.1\r\n")
	c.s.linef("compile time(0000000):Jul  1 2026 08:30:00\r\n")
	c.s.linef("Bin version:v%s(WROOM-32)\r\n", v)
	return nil
}
