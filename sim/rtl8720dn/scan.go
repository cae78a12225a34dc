package rtl8720dn

import (
	"encoding/binary"
	"time"

	"github.com/netdev-go/netdev/sim/radio"
)

const (
	maxScanned = 50

	// A record is the length of a name, the name in 33 bytes, BSSID, i16 signal
	// strength, and five u32: type, security, WPS, channel, band.
	recordSize = 62
	band5GHz   = 0
	band24GHz  = 1
)

// scan is the list of access points. It is guarded by the session's mu.
type scan struct {
	running bool
	timer   *time.Timer
	found   []radio.AccessPoint
}

func (s *session) scanning() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wifi.scan.running
}

// scanStart begins to look; the list fills and an event tells when it has ended.
func (s *session) scanStart(c *call) {
	if s.wifi.mode == modeNone || s.scanning() {
		c.putI32(failure)
		return
	}
	s.mu.Lock()
	s.wifi.scan = scan{running: true}
	if !s.killed {
		s.wifi.scan.timer = time.AfterFunc(s.chip.config.ScanTime, func() { s.tasks.post(s.scanDone) })
	}
	s.mu.Unlock()
	c.putI32(success)
}

func (s *session) scanDone() {
	found := s.chip.config.Air.Scan()
	found = found[:min(len(found), maxScanned)]
	s.mu.Lock()
	s.wifi.scan = scan{found: found}
	s.mu.Unlock()
	s.tell(eventScanDone, nil)
}

// stopScan ends one that is under way.
func (s *session) stopScan() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.wifi.scan.timer; t != nil {
		t.Stop()
	}
}

func (s *session) scanCount(c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.putU16(uint16(len(s.wifi.scan.found)))
}

func (s *session) scanRecords(c *call) {
	n := int(c.u16())
	if c.short {
		return
	}
	if n > maxScanned {
		c.putBinary([]byte{s.lwip.junk})
		c.putI32(failure)
		return
	}
	records := make([]byte, 0, n*recordSize)
	s.mu.Lock()
	for _, p := range s.wifi.scan.found[:min(n, len(s.wifi.scan.found))] {
		records = appendRecord(records, p)
	}
	s.mu.Unlock()
	c.putBinary(records[:n*recordSize]) // those that there are not are zeros
	c.putI32(success)
}

func appendRecord(b []byte, p radio.AccessPoint) []byte {
	b = append(b, byte(len(p.SSID)))
	var name [33]byte
	copy(name[:maxSSID], p.SSID)
	b = append(b, name[:]...)
	b = append(b, p.BSSID[:]...)
	b = binary.LittleEndian.AppendUint16(b, uint16(p.RSSI))
	band := uint32(band24GHz)
	if p.Channel > 14 {
		band = band5GHz
	}
	for _, v := range [...]uint32{0, securityOf(p), 0, uint32(p.Channel), band} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

func securityOf(p radio.AccessPoint) uint32 {
	switch p.Security {
	case radio.WPA:
		return securityWPA
	case radio.WPA2:
		return securityWPA2
	}
	return securityOpen
}
