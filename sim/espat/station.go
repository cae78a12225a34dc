package espat

import (
	"fmt"
	"net"
	"time"

	"github.com/netdev-go/netdev/sim/radio"
)

func init() {
	register("CWMODE", nil, show(func(s *session) int { return s.mode }), setMode)
	register("CWSTATE", nil, func(c *call) error {
		c.s.mu.Lock()
		state, ssid := c.s.wifi.state, c.s.ssid
		c.s.mu.Unlock()
		c.s.linef("+CWSTATE:%d,%s\r\n", state, quote(ssid))
		return nil
	}, nil)
	register("CWJAP", joinAgain, joined, setJoin)
	register("CWRECONNCFG", nil, func(c *call) error {
		c.s.mu.Lock()
		interval, repeat := c.s.interval, c.s.repeat
		c.s.mu.Unlock()
		c.s.linef("+CWRECONNCFG:%d,%d\r\n", interval, repeat)
		return nil
	}, func(c *call) error {
		interval, repeat, _ := c.number(0, 7200, -1), c.number(0, 1000, -1), c.number(0, 1, 0)
		if !c.complete() {
			return errParameters
		}
		c.s.mu.Lock()
		defer c.s.mu.Unlock()
		c.s.interval, c.s.repeat = interval, repeat
		if interval == 0 {
			c.s.wifi.retryAt = time.Time{}
		}
		c.s.save()
		return nil
	})
	register("CWQAP", func(c *call) error {
		if !c.s.hold() {
			return errFailed
		}
		defer c.s.letGo()
		c.s.leave()
		c.s.setState(stateIdle)
		return nil
	}, nil, nil)
	register("CWLAPOPT", nil, nil, func(c *call) error { c.params = nil; return nil })
	register("CWLAP", scan, nil, scan)
}

// hold waits until nobody else joins or leaves.
func (s *session) hold() bool {
	select {
	case s.joining <- struct{}{}:
		return true
	case <-s.ctx.Done():
		return false
	}
}

func (s *session) letGo() {
	<-s.joining
	s.poke() // for what has been lost meanwhile
}

func setMode(c *call) error {
	mode, again := c.number(0, 3, -1), c.number(0, 1, 1)
	if !c.complete() {
		return errParameters
	}
	s := c.s
	if !s.hold() {
		return errFailed
	}
	defer s.letGo()
	s.mu.Lock()
	was := s.mode
	s.mode = mode
	s.save()
	joins := mode&station != 0 && was&station == 0 && again == 1 && s.ssid != ""
	s.mu.Unlock()
	if mode&station == 0 {
		s.leave()
		s.setState(stateIdle)
	}
	switch {
	case joins:
		s.task(s.rejoin)
	case mode == softAP:
		return s.startAP()
	case was == softAP:
		s.down()
	}
	return nil
}

func setJoin(c *call) error {
	ssid, passphrase := c.text(32), c.text(64)
	c.text(17)         // BSSID
	c.number(0, 16, 0) // least authentication
	interval := c.number(0, 7200, 1)
	c.number(1, 100, 3) // listen interval
	c.number(0, 1, 0)   // scan mode
	timeout := c.number(3, 600, 15)
	c.number(0, 3, 1) // PMF
	s := c.s
	s.mu.Lock()
	mode := s.mode
	if ssid == "" && passphrase == "" {
		ssid, passphrase = s.ssid, s.passphrase
	}
	s.mu.Unlock()
	switch {
	case !c.complete() || ssid == "":
		return errParameters
	case mode&station == 0:
		return errFailed
	}
	return c.joinNow(ssid, passphrase, interval, time.Duration(timeout)*time.Second)
}

func joinAgain(c *call) error {
	c.s.mu.Lock()
	ssid, passphrase, interval, mode := c.s.ssid, c.s.passphrase, c.s.interval, c.s.mode
	c.s.mu.Unlock()
	if ssid == "" || mode&station == 0 {
		return errFailed
	}
	return c.joinNow(ssid, passphrase, interval, defaultJoin)
}

// joinNow joins, and remembers what was joined.
func (c *call) joinNow(ssid, passphrase string, interval int, timeout time.Duration) error {
	s := c.s
	if !s.hold() {
		return errFailed
	}
	defer s.letGo()
	s.mu.Lock()
	s.ssid, s.passphrase, s.interval = ssid, passphrase, interval
	s.mu.Unlock()
	if code := s.join(ssid, passphrase, timeout); code != 0 {
		s.leave()
		return &failure{code: codeFailed, text: fmt.Sprintf("+CWJAP:%d\r\n", code)}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.save()
	return nil
}

// joined tells of the access point.
func joined(c *call) error {
	s := c.s
	s.mu.Lock()
	st, interval := s.wifi.station, s.interval
	ssid := s.ssid
	s.mu.Unlock()
	if st == nil {
		s.linef("No AP\r\n")
		return nil
	}
	p := st.AccessPoint()
	s.linef("+CWJAP:%s,\"%s\",%d,%d,0,%d,3,0,1\r\n", quote(ssid), net.HardwareAddr(p.BSSID[:]), p.Channel, p.RSSI, interval)
	return nil
}

// scan lists access points.
func scan(c *call) error {
	s := c.s
	only := ""
	if c.kind == '=' {
		only = c.text(32)
		c.params = nil
	}
	s.mu.Lock()
	mode := s.mode
	s.mu.Unlock()
	if c.failed {
		return errParameters
	}
	if mode&station == 0 || !s.sleep(s.chip.config.ScanTime) {
		return errFailed
	}
	for _, p := range s.chip.config.Air.Scan() {
		if only != "" && p.SSID != only {
			continue
		}
		ecn := map[radio.Security]int{radio.WPA: 2, radio.WPA2: 3}[p.Security]
		s.linef("+CWLAP:(%d,%s,%d,\"%s\",%d,-1,-1,4,4,7,1)\r\n", ecn, quote(p.SSID), p.RSSI, net.HardwareAddr(p.BSSID[:]), p.Channel)
	}
	return nil
}
