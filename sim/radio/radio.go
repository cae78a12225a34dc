// Package radio is the air around simulated WiFi chips: access points that are
// joined, go away and come back.
package radio

import (
	"errors"
	"sync"
)

// Security is how an access point is protected.
type Security uint8

const (
	Open Security = iota
	WPA
	WPA2
)

// An AccessPoint is what a station sees of one. With an empty SSID it answers to
// every name, and to every passphrase.
type AccessPoint struct {
	SSID       string
	Passphrase string // "" of an open one
	Security   Security
	BSSID      [6]byte
	Channel    int
	RSSI       int // dBm, as a station receives it
}

// Reasons that joining fails for.
var (
	ErrNoAccessPoint   = errors.New("radio: no access point of that name")
	ErrWrongPassphrase = errors.New("radio: wrong passphrase")
)

// Air is a place with access points. Its methods may be called from any
// goroutine.
type Air struct {
	mu       sync.Mutex
	points   []*point
	stations []*Station
}

type point struct {
	AccessPoint
	away bool
}

// A Station is joined to an access point.
type Station struct {
	air  *Air
	on   *point
	lost func()
}

// New returns a place with these access points.
func New(points ...AccessPoint) *Air {
	a := new(Air)
	for _, p := range points {
		a.points = append(a.points, &point{AccessPoint: p})
	}
	return a
}

// Anywhere is a place where every network is.
func Anywhere() *Air {
	return New(AccessPoint{Security: WPA2, BSSID: [6]byte{2, 'n', 'e', 't', 'a', 'p'}, Channel: 6, RSSI: -50})
}

// Scan returns the access points that are there.
func (a *Air) Scan() (there []AccessPoint) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range a.points {
		if !p.away {
			there = append(there, p.AccessPoint)
		}
	}
	return there
}

// Join joins the access point of that name. lost is called, without a lock, when
// it goes away, unless Leave came first; it must not block.
func (a *Air) Join(ssid, passphrase string, lost func()) (*Station, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	err := ErrNoAccessPoint
	for _, p := range a.points {
		switch {
		case p.away || p.SSID != "" && p.SSID != ssid:
			continue
		case p.SSID != "" && p.Passphrase != passphrase:
			err = ErrWrongPassphrase
			continue
		}
		s := &Station{air: a, on: p, lost: lost}
		a.stations = append(a.stations, s)
		return s, nil
	}
	return nil, err
}

// AccessPoint returns the one that s is joined to.
func (s *Station) AccessPoint() AccessPoint {
	s.air.mu.Lock()
	defer s.air.mu.Unlock()
	return s.on.AccessPoint
}

// Leave ends it. A second one does nothing.
func (s *Station) Leave() {
	s.air.mu.Lock()
	defer s.air.mu.Unlock()
	for i, o := range s.air.stations {
		if o == s {
			s.air.stations = append(s.air.stations[:i], s.air.stations[i+1:]...)
			return
		}
	}
}

// Drop takes the access point of that name away; "" is every one.
func (a *Air) Drop(ssid string) {
	a.mu.Lock()
	var lost, left []*Station
	for _, p := range a.points {
		p.away = p.away || ssid == "" || p.SSID == ssid
	}
	for _, s := range a.stations {
		if s.on.away {
			lost = append(lost, s)
		} else {
			left = append(left, s)
		}
	}
	a.stations = left
	a.mu.Unlock()
	for _, s := range lost {
		if s.lost != nil {
			s.lost()
		}
	}
}

// Return brings the access point of that name back; "" is every one.
func (a *Air) Return(ssid string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range a.points {
		if ssid == "" || p.SSID == ssid {
			p.away = false
		}
	}
}

// SetPassphrase changes the passphrase of an access point for who joins it from
// now on.
func (a *Air) SetPassphrase(ssid, passphrase string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range a.points {
		if p.SSID == ssid {
			p.Passphrase = passphrase
		}
	}
}
