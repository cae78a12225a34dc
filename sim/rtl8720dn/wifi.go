package rtl8720dn

import (
	"fmt"
	"time"

	"github.com/netdev-go/netdev/sim/radio"
)

// Results of the WiFi driver.
const (
	success = 0
	failure = -1
)

// Modes of wifi_on.
const (
	modeNone = 0
	modeSTA  = 1
	modeAP   = 2
	modeBoth = 3
)

// What last_error returns.
const (
	noError       = 0
	noNetwork     = 1
	connectFailed = 2
	wrongPassword = 3
)

// Security types.
const (
	securityOpen  = 0
	securityWPA   = 0x00200002 // TKIP
	securityWPA2  = 0x00400004 // AES
	maxPassphrase = 64
	maxSSID       = 32
)

// wifi is the radio. What stands under the session's mu is so marked.
type wifi struct {
	mode      uint32
	running   bool // the driver has been started since the boot
	lastError int32
	ap        string // the SSID of the access point that the chip is; mu
	link      *link  // to an access point, or nil; mu
	scan      scan
}

// A link is that of a station.
type link struct {
	station *radio.Station
	point   radio.AccessPoint
}

func init() {
	register(serviceWiFi, map[uint8]handler{
		0x01: (*session).wifiConnect,
		0x03: (*session).wifiDisconnect,
		0x04: func(s *session, c *call) { c.putI32(result(s.linked() != nil)) },
		0x05: (*session).wifiIsUp,
		0x06: (*session).wifiIsReady,
		0x08: (*session).wifiMAC,
		0x0F: (*session).wifiBSSID,
		0x13: (*session).wifiRSSI,
		0x15: (*session).wifiChannel,
		0x1B: (*session).wifiOn,
		0x1C: (*session).wifiOff,
		0x1E: (*session).wifiOff,
		0x26: (*session).wifiStartAP,
		0x27: (*session).wifiStartAP, // hidden
		0x31: func(s *session, c *call) { c.putI32(s.wifi.lastError) },
		0x40: (*session).scanStart,
		0x41: func(s *session, c *call) { c.putBool(s.scanning()) },
		0x42: (*session).scanRecords,
		0x43: (*session).scanCount,

		0x09: accepts(0), 0x0A: accepts(0), 0x0B: accepts(0), // power save
		0x11: accepts(4),                                                       // country
		0x14: accepts(4),                                                       // channel
		0x16: accepts(1),                                                       // channel plan
		0x19: accepts(0),                                                       // radio on
		0x1F: accepts(2), 0x21: accepts(1), 0x23: accepts(1), 0x24: accepts(1), // power save again
		0x2A: accepts(4),                   // 802.11 mode
		0x2E: accepts(4), 0x2F: accepts(1), // reconnection
	})
}

// accepts is a request with parameters of so many bytes, which changes nothing
// here and succeeds.
func accepts(parameters int) handler {
	return func(_ *session, c *call) {
		c.take(parameters)
		c.putI32(success)
	}
}

func result(ok bool) int32 {
	if ok {
		return success
	}
	return failure
}

// linked returns the link that there is, or nil.
func (s *session) linked() *link {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wifi.link
}

func (s *session) accessPoint() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wifi.ap
}

func (s *session) wifiOn(c *call) {
	mode := c.u32()
	if c.short {
		return
	}
	if s.wifi.mode != modeNone && mode != modeNone {
		c.putI32(1) // it is running already
		return
	}
	s.wifi.mode = mode
	if mode != modeNone && !s.wifi.running {
		s.wifi.running = true
		s.tell(eventReady, nil)
	}
	if mode == modeSTA || mode == modeBoth {
		s.tell(eventStart, nil)
	}
	c.putI32(success)
}

func (s *session) wifiOff(c *call) {
	s.wifi.mode = modeNone
	s.leave()
	s.down()
	c.putI32(success)
}

// wifiConnect holds the chip for as long as joining takes.
func (s *session) wifiConnect(c *call) {
	ssid, passphrase := string(c.text()), ""
	if c.nullable() {
		passphrase = string(c.text())
	}
	security, _, _ := c.u32(), c.i32(), c.u32()
	if c.short {
		return
	}
	if security == securityOpen {
		passphrase = ""
	}
	if s.wifi.mode != modeSTA && s.wifi.mode != modeBoth || ssid == "" || len(ssid) > maxSSID || len(passphrase) > maxPassphrase {
		s.wifi.lastError = connectFailed
		c.putI32(failure)
		return
	}
	s.leave()
	s.down()
	if !s.sleep(s.chip.config.JoinTime) {
		return
	}
	switch err := s.join(ssid, passphrase); err {
	case nil:
		s.wifi.lastError = noError
		if n := &s.lwip.netifs[0]; n.info != [12]byte{} {
			s.up(n)
		}
		s.tell(eventConnected, s.linked())
		c.putI32(success)
		return
	case radio.ErrNoAccessPoint:
		s.wifi.lastError = noNetwork
	case radio.ErrWrongPassphrase:
		s.wifi.lastError = wrongPassword
	default:
		s.wifi.lastError = connectFailed
	}
	s.tell(eventDisconnected, nil)
	c.putI32(failure)
}

func (s *session) join(ssid, passphrase string) error {
	l := new(link)
	s.mu.Lock()
	s.wifi.link = l // lost may be called before Join has returned
	s.mu.Unlock()
	station, err := s.chip.config.Air.Join(ssid, passphrase, func() { s.tasks.post(func() { s.lost(l) }) })
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.wifi.link = nil
		return err
	}
	if s.killed {
		station.Leave()
	}
	l.station, l.point = station, station.AccessPoint()
	l.point.SSID = ssid // an access point that answers to every name has none
	return nil
}

// lost is for an access point that is gone.
func (s *session) lost(l *link) {
	s.mu.Lock()
	current := s.wifi.link == l
	if current {
		s.wifi.link = nil
	}
	s.mu.Unlock()
	if !current {
		return
	}
	s.network.NetDisconnect()
	s.tell(eventDisconnected, l)
}

// leave ends the link and the access point that there is.
func (s *session) leave() (had *link) {
	s.mu.Lock()
	had = s.wifi.link
	s.wifi.link, s.wifi.ap = nil, ""
	s.mu.Unlock()
	if had != nil && had.station != nil {
		had.station.Leave()
	}
	return had
}

func (s *session) wifiDisconnect(c *call) {
	had := s.leave()
	s.down()
	if had != nil {
		s.tell(eventDisconnected, had)
	}
	c.putI32(success)
}

func (s *session) wifiIsUp(c *call) {
	itf := c.u32()
	up := int32(0)
	if s.wifi.mode != modeNone && itf == 0 || s.wifi.mode == modeBoth {
		up = 1
	}
	c.putI32(up)
}

func (s *session) wifiIsReady(c *call) {
	c.u32()
	c.putI32(result(s.linked() != nil || s.accessPoint() != ""))
}

// wifiMAC answers with text, and without its length.
func (s *session) wifiMAC(c *call) {
	c.put(s.macText())
	c.putI32(success)
}

func (s *session) macText() []byte {
	m := s.chip.config.MAC
	return fmt.Appendf(nil, "%02x:%02x:%02x:%02x:%02x:%02x\x00", m[0], m[1], m[2], m[3], m[4], m[5])
}

func (s *session) wifiBSSID(c *call) {
	l := s.linked()
	var bssid [6]byte
	if l != nil {
		bssid = l.point.BSSID
	}
	c.put(bssid[:])
	c.putI32(result(l != nil))
}

func (s *session) wifiRSSI(c *call) {
	l := s.linked()
	rssi := 0
	if l != nil {
		rssi = l.station.AccessPoint().RSSI
	}
	c.putI32(int32(rssi))
	c.putI32(result(l != nil))
}

func (s *session) wifiChannel(c *call) {
	channel := 1
	if l := s.linked(); l != nil {
		channel = l.point.Channel
	}
	c.putI32(int32(channel))
	c.putI32(success)
}

func (s *session) wifiStartAP(c *call) {
	ssid, passphrase := string(c.text()), ""
	if c.nullable() {
		passphrase = string(c.text())
	}
	security, channel := c.u32(), c.i32()
	if c.short {
		return
	}
	bad := ssid == "" || len(ssid) > maxSSID || channel < 1 || security != securityOpen && len(passphrase) < 8
	if s.wifi.mode != modeAP && s.wifi.mode != modeBoth || bad {
		// The firmware waits for the name to appear.
		if s.sleep(20 * time.Second) {
			c.putI32(2)
		}
		return
	}
	if !s.sleep(s.chip.config.JoinTime) {
		return
	}
	s.mu.Lock()
	s.wifi.ap = ssid
	s.mu.Unlock()
	if s.linked() == nil { // else the one network that there is belongs to the station
		s.up(&s.lwip.netifs[s.apNetif()])
	}
	s.tell(eventAPStart, nil)
	c.putI32(success)
}
