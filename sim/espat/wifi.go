package espat

import (
	"errors"
	"time"

	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/radio"
)

// States of CWSTATE.
const (
	stateIdle    = 0
	stateNoIP    = 1
	stateUp      = 2
	stateJoining = 3
	stateLost    = 4
)

// Codes of +CWJAP.
const (
	joinTimeout  = 1
	joinPassword = 2
	joinNoAP     = 3
	joinFailed   = 4
)

// wifi is the radio of a session.
type wifi struct {
	station  *radio.Station // nil where no access point is joined
	state    int
	lost     bool      // the access point is gone, and watch has to see to it
	retryAt  time.Time // when to join again; zero is not
	retries  int
	apUp     bool // the network is that of our own access point
	hostname string
	policy   int
	country  string
	first    int // channel
	channels int
}

var errNotJoined = errors.New("not joined")

// join joins an access point and gets an address; the code is that of +CWJAP.
func (s *session) join(ssid, passphrase string, timeout time.Duration) (code int) {
	s.leave()
	s.setState(stateJoining)
	if !s.sleep(s.chip.config.JoinTime) {
		return joinFailed
	}
	st, err := s.chip.config.Air.Join(ssid, passphrase, func() {
		s.mu.Lock()
		s.wifi.lost = true
		s.mu.Unlock()
		s.poke()
	})
	if err != nil {
		s.setState(stateLost)
		switch {
		case errors.Is(err, radio.ErrWrongPassphrase):
			return joinPassword
		case errors.Is(err, radio.ErrNoAccessPoint):
			return joinNoAP
		}
		return joinFailed
	}
	s.mu.Lock()
	s.wifi.station, s.wifi.state, s.wifi.lost = st, stateNoIP, false
	s.mu.Unlock()
	s.out.message("WIFI CONNECTED\r\n")
	if s.up(timeout) != nil {
		return joinTimeout
	}
	return 0
}

// up gives the network its address.
func (s *session) up(timeout time.Duration) error {
	if s.net == nil {
		return errNotJoined
	}
	s.mu.Lock()
	prefix, gateway, hostname := s.static, s.gateway, s.wifi.hostname
	dns := s.dns
	if !s.manualDNS {
		dns = nil
	}
	s.mu.Unlock()
	s.net.NetDisconnect()
	err := s.net.Configure(prefix, gateway, dns)
	if err == nil {
		err = s.net.NetConnect(&netlink.ConnectParams{Hostname: hostname, ConnectTimeout: timeout, Retries: 1})
	}
	s.mu.Lock()
	if err == nil && s.wifi.station != nil {
		s.wifi.state, s.wifi.apUp = stateUp, false
		s.sntp.synchronise()
	}
	s.mu.Unlock()
	if err == nil {
		s.out.message("WIFI GOT IP\r\n")
		s.poke()
	}
	return err
}

func (s *session) setState(state int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wifi.state = state
}

// leave ends what was joined, with all links.
func (s *session) leave() {
	if !s.leaveAir() {
		return
	}
	s.out.message("WIFI DISCONNECT\r\n")
	s.down()
}

// leaveAir leaves the access point, and reports whether there was one.
func (s *session) leaveAir() bool {
	s.mu.Lock()
	st := s.wifi.station
	s.wifi.station, s.wifi.lost, s.wifi.state, s.wifi.retryAt = nil, false, stateLost, time.Time{}
	s.mu.Unlock()
	if st != nil {
		st.Leave()
	}
	return st != nil
}

// down takes the address from the network, and ends all links.
func (s *session) down() {
	if s.net != nil {
		s.net.NetDisconnect()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.links {
		if l := s.links[i]; l != nil {
			s.end(l)
		}
	}
}

// lostAP is for an access point that has gone: the firmware tries to come back.
func (s *session) lostAP() {
	select {
	case s.joining <- struct{}{}:
	default:
		return // CWJAP or CWQAP is at work
	}
	defer func() { <-s.joining }()
	s.mu.Lock()
	lost := s.wifi.lost
	interval := time.Duration(s.interval) * time.Second
	s.mu.Unlock()
	if !lost {
		return
	}
	s.leave()
	s.mu.Lock()
	defer s.mu.Unlock()
	if interval > 0 {
		s.wifi.retryAt, s.wifi.retries = time.Now().Add(interval), 0
	}
}

// rejoin joins what was joined last.
func (s *session) rejoin() {
	select {
	case s.joining <- struct{}{}:
	case <-s.ctx.Done():
		return
	}
	defer s.letGo()
	s.mu.Lock()
	ssid, passphrase, interval, repeat := s.ssid, s.passphrase, time.Duration(s.interval)*time.Second, s.repeat
	wanted := s.wifi.station == nil && s.mode&station != 0
	s.mu.Unlock()
	if !wanted || s.join(ssid, passphrase, defaultJoin) == 0 || s.ctx.Err() != nil {
		return
	}
	s.leave()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.wifi.retries++; interval > 0 && (repeat == 0 || s.wifi.retries < repeat) {
		s.wifi.retryAt = time.Now().Add(interval)
		s.poke()
	}
}

// defaultJoin is how long CWJAP tries.
const defaultJoin = 15 * time.Second
