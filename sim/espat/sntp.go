package espat

import "time"

// sntp is the chip's clock, which is right some time after there is a network and a
// server to ask.
type sntp struct {
	enabled bool
	online  bool
	zone    int
	servers []string
	at      time.Time // when it will be right
	right   bool
}

// askTime is how long the server takes to answer.
const askTime = 100 * time.Millisecond

func (n *sntp) init() { n.servers = []string{"cn.ntp.org.cn", "ntp.sjtu.edu.cn", "us.pool.ntp.org"} }

// synchronise is for a network that is there.
func (n *sntp) synchronise() {
	n.online = true
	if n.enabled && n.at.IsZero() {
		n.at = time.Now().Add(askTime)
	}
}

func (n *sntp) due(now time.Time) bool {
	if n.at.IsZero() || now.Before(n.at) {
		return false
	}
	n.at, n.right = time.Time{}, true
	return true
}

func init() {
	register("CIPSNTPCFG", nil, func(c *call) error {
		s := c.s
		s.mu.Lock()
		n := s.sntp
		s.mu.Unlock()
		text := ""
		for _, name := range n.servers {
			text += "," + quote(name)
		}
		s.linef("+CIPSNTPCFG:%d,%d%s\r\n", flag(n.enabled), n.zone, text)
		return nil
	}, func(c *call) error {
		on := c.number(0, 1, -1)
		zone := c.number(-1200, 1400, 0)
		var servers []string
		for len(c.params) > 0 {
			servers = append(servers, c.text(64))
		}
		if !c.complete() || len(servers) > 3 {
			return errParameters
		}
		s := c.s
		s.mu.Lock()
		defer s.mu.Unlock()
		s.sntp.enabled, s.sntp.zone, s.sntp.at = on == 1, zone, time.Time{}
		if len(servers) > 0 {
			s.sntp.servers = servers
		}
		if s.sntp.online {
			s.sntp.synchronise()
		}
		s.poke()
		return nil
	})
	register("CIPSNTPTIME", nil, func(c *call) error {
		s := c.s
		s.mu.Lock()
		n := s.sntp
		s.mu.Unlock()
		now := time.Unix(0, 0)
		if n.right {
			now = time.Now()
		}
		offset := time.Duration(n.zone) * time.Hour
		if n.zone < -12 || n.zone > 14 {
			offset = time.Duration(n.zone/100)*time.Hour + time.Duration(n.zone%100)*time.Minute
		}
		s.linef("+CIPSNTPTIME:%s\r\n", now.UTC().Add(offset).Format(time.ANSIC))
		return nil
	}, nil)
}
