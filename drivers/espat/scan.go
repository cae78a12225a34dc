package espat

import (
	"context"
	"time"

	"github.com/netdev-go/netdev/drivers/internal/at"
	"github.com/netdev-go/netdev/netlink"
)

// scanTime is how long the module may take to look at all channels.
const scanTime = 15 * time.Second

// Scan returns the access points that the module hears. It does nothing else
// meanwhile. A module that is an access point cannot.
func (d *Device) Scan(ctx context.Context) ([]netlink.AccessPoint, error) {
	var found []netlink.AccessPoint // the module's goroutine's, until ask has returned nil
	err := d.ask(ctx, func(m *chip) error {
		if m.joining.params.ConnectMode != netlink.ConnectModeAP && !m.joining.joined {
			if err := m.mode(1); err != nil {
				return err
			}
		}
		m.conn.Command("+CWLAP")
		return refused(m.query(scanTime, "+CWLAP:", func(f at.Fields) bool {
			if f == nil {
				found = nil
				return true
			}
			a, ok := parseAccessPoint(f)
			found = append(found, a)
			return ok
		}))
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// parseAccessPoint reads (ecn,"ssid",rssi,"mac",channel,...).
func parseAccessPoint(f at.Fields) (a netlink.AccessPoint, ok bool) {
	if len(f) < 2 || f[0] != '(' || f[len(f)-1] != ')' {
		return a, false
	}
	f = f[1 : len(f)-1]
	ecn, ok := f.Uint(99)
	a.SSID = at.Unescape(f.Bytes())
	rssi, ok2 := f.Int()
	mac, ok3 := parseMAC(f.Bytes())
	channel, ok4 := f.Uint(255)
	a.RSSI, a.BSSID, a.Channel = rssi, mac, channel
	switch ecn {
	case 0:
		a.Auth = netlink.AuthTypeOpen
	case 2:
		a.Auth = netlink.AuthTypeWPA
	case 3:
		a.Auth = netlink.AuthTypeWPA2
	case 4:
		a.Auth = netlink.AuthTypeWPA2Mixed
	default:
		a.Auth = netlink.AuthTypeOther
	}
	return a, ok && ok2 && ok3 && ok4
}

func parseMAC(b []byte) (mac [6]byte, ok bool) {
	if len(b) != 17 {
		return mac, false
	}
	for i := range mac {
		hi, lo := nibble(b[3*i]), nibble(b[3*i+1])
		if hi < 0 || lo < 0 || i < 5 && b[3*i+2] != ':' {
			return mac, false
		}
		mac[i] = byte(hi<<4 | lo)
	}
	return mac, true
}

func nibble(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}
