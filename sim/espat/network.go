package espat

import (
	"context"
	"fmt"
	"time"
)

func init() {
	register("CIPSTATE", nil, state, nil)
	register("CIPDOMAIN", nil, nil, domain)
	register("PING", nil, nil, ping)
	register("CIPTCPOPT", nil, func(c *call) error {
		s := c.s
		s.mu.Lock()
		o := s.options
		s.mu.Unlock()
		for i := range o {
			s.linef("+CIPTCPOPT:%d,%d,%d,%d,%d\r\n", i, o[i].linger, flag(o[i].nodelay), o[i].sendTime, o[i].keepAlive)
		}
		return nil
	}, setOptions)
	register("CIPV6", nil, func(c *call) error {
		c.s.linef("+CIPV6:0\r\n")
		return nil
	}, func(c *call) error {
		if n := c.number(0, 1, -1); !c.complete() || n == 1 {
			return errFailed
		}
		return nil
	})
	register("CIPMODE", nil, show(func(*session) int { return 0 }), func(c *call) error {
		if n := c.number(0, 1, -1); !c.complete() || n == 1 {
			return errFailed
		}
		return nil
	})
}

// state lists the links.
func state(c *call) error {
	s := c.s
	s.mu.Lock()
	var lines []string
	for _, l := range s.links {
		if l != nil {
			lines = append(lines, fmt.Sprintf("+CIPSTATE:%d,\"%s\",\"%v\",%d,%d,%d\r\n",
				l.id, l.kind, l.remote.Addr(), l.remote.Port(), l.local, flag(l.serves)))
		}
	}
	s.mu.Unlock()
	for _, line := range lines {
		s.out.line(line)
	}
	return nil
}

// domain resolves a name. Nothing else is executed meanwhile.
func domain(c *call) error {
	s := c.s
	name := c.text(256)
	family := c.number(1, 3, 1)
	timeout := c.number(0, 60000, 0)
	all := c.number(0, 1, 0)
	if !c.complete() || name == "" {
		return errParameters
	}
	ctx := s.ctx
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(timeout)*time.Millisecond)
		defer cancel()
	}
	if family == 3 || s.net == nil {
		return errFailed
	}
	list, err := s.lookup(ctx, name)
	if err != nil {
		return &failure{code: codeFailed, errno: 202}
	}
	if all == 0 {
		list = list[:1]
	}
	for _, a := range list {
		s.linef("+CIPDOMAIN:\"%v\"\r\n", a)
	}
	return nil
}

// pingTime is how long an answer may take.
const pingTime = 2 * time.Second

func ping(c *call) error {
	s := c.s
	host := c.text(256)
	if !c.complete() || host == "" || s.net == nil {
		return errParameters
	}
	ctx, cancel := context.WithTimeout(s.ctx, pingTime)
	defer cancel()
	addr, err := s.resolve(ctx, host)
	if err == nil {
		var d time.Duration
		if d, err = s.net.Ping(ctx, addr, make([]byte, 32)); err == nil {
			s.linef("+PING:%d\r\n", d.Milliseconds())
			return nil
		}
	}
	return &failure{code: codeFailed, text: "+PING:TIMEOUT\r\n"}
}

func setOptions(c *call) error {
	s := c.s
	id := c.linkID(maxLinks)
	linger := c.number(-1, 7200, -1)
	nodelay, sendTime := c.number(0, 1, 0), c.number(0, 600000, 0)
	keep := c.number(0, 7200, 7201)
	if !c.complete() {
		return errParameters
	}
	s.forLinks(id, func(o *linkOptions) {
		o.linger, o.nodelay, o.sendTime = linger, nodelay == 1, sendTime
		if keep <= 7200 {
			o.keepAlive = keep
		}
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, l := range s.links {
		if l != nil && (i == id || id == maxLinks) {
			s.tune(l)
		}
	}
	return nil
}
