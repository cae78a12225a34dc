package espat

import "net/netip"

// Bits of CWMODE.
const (
	station = 1
	softAP  = 2
)

// settings are what AT+SYSSTORE has written to flash.
type settings struct {
	store      bool
	mode       int
	ssid       string
	passphrase string
	interval   int // seconds between attempts to come back; 0 is none
	repeat     int
	static     netip.Prefix // invalid is DHCP
	gateway    netip.Addr
	dns        []netip.Addr
	manualDNS  bool
	ap         accessPoint
	apAddr     netip.Prefix
	apGateway  netip.Addr
}

type accessPoint struct {
	ssid, passphrase string
	channel, ecn     int
	most, hidden     int
}

func factory() settings {
	return settings{
		store:  true,
		ap:     accessPoint{ssid: "ESP_000000", channel: 1, most: 4},
		apAddr: netip.MustParsePrefix("192.168.4.1/24"), apGateway: netip.MustParseAddr("192.168.4.1"),
	}
}

func (s settings) clone() settings {
	s.dns = append([]netip.Addr(nil), s.dns...)
	s.store = true // AT+SYSSTORE itself is not stored
	return s
}

// save writes what a command has changed, where AT+SYSSTORE says so. The session's
// lock is held.
func (s *session) save() {
	if !s.store {
		return
	}
	s.chip.mu.Lock()
	defer s.chip.mu.Unlock()
	s.chip.stored = s.settings.clone()
}
