package rtl8720dn

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/netdev-go/netdev/netlink"
)

// A record of a scan: the length of the SSID, room for it with a NUL, the BSSID,
// the signal, and numbers of 32 bits: kind, security, WPS, channel, band. The
// firmware never fills in the last one.
const (
	recordLen      = 62
	recordBSSID    = 34
	recordRSSI     = 40
	recordSecurity = 46
	recordChannel  = 54
	maxSSID        = 32
	maxRecords     = 50 // the firmware's own bound
)

// scanPause is how long the chip is left alone while it scans.
const scanPause = 100 * time.Millisecond

// Scan looks for access points. It takes some seconds; what goes on over sockets
// goes on. As many are found as there is room for in a message.
func (d *Device) Scan(ctx context.Context) ([]netlink.AccessPoint, error) {
	err := d.core.Do(ctx, d.radio.beginScan)
	for err == nil {
		if err = sleep(ctx, scanPause); err != nil {
			break
		}
		// Only after nil: when ctx ends first the chip's goroutine still writes them.
		var done bool
		var found []netlink.AccessPoint
		err = d.core.Do(ctx, func() error {
			scanning, err := d.radio.scanning()
			if err != nil || scanning {
				return err
			}
			done = true
			found, err = d.radio.scanned()
			return err
		})
		if err == nil && done {
			return found, nil
		}
	}
	return nil, err
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// awaken has the WiFi driver run, in the mode that it is in, or as a station.
func (r *radio) awaken() error {
	if err := r.boot(); err != nil {
		return err
	}
	return r.turnOn(max(r.mode, modeStation))
}

func (r *radio) beginScan() error {
	if err := r.awaken(); err != nil {
		return err
	}
	r.request(serviceWiFi, wifiScanStart)
	n, err := r.result(r.config.Timeout, repeat)
	if err != nil {
		return err
	}
	if n != 0 {
		// One that is under way is as good.
		if on, err := r.scanning(); err != nil || !on {
			return errBus
		}
	}
	return nil
}

func (r *radio) scanning() (bool, error) {
	r.request(serviceWiFi, wifiIsScanning)
	d, err := r.call(r.config.Timeout, repeat)
	if err != nil {
		return false, err
	}
	on := d.Uint8() != 0
	if d.End() != nil {
		return false, errBus
	}
	return on, nil
}

// scanned returns what was found.
func (r *radio) scanned() ([]netlink.AccessPoint, error) {
	r.request(serviceWiFi, wifiScanNumber)
	d, err := r.call(r.config.Timeout, repeat)
	if err != nil {
		return nil, err
	}
	n := int(d.Uint16())
	if d.End() != nil {
		return nil, errBus
	}
	if n = min(n, maxRecords, max(r.config.Segment, maxDatagram)/recordLen); n == 0 {
		return nil, nil
	}
	r.request(serviceWiFi, wifiScanRecords).Uint16(uint16(n))
	if d, err = r.call(r.config.Timeout, repeat); err != nil {
		return nil, err
	}
	b := d.Binary()
	if d.Int32() != 0 || d.End() != nil {
		return nil, errBus
	}
	var found []netlink.AccessPoint
	for ; len(b) >= recordLen; b = b[recordLen:] {
		found = append(found, parseRecord(b))
	}
	return found, nil
}

func parseRecord(b []byte) netlink.AccessPoint {
	return netlink.AccessPoint{
		SSID:    string(b[1 : 1+min(int(b[0]), maxSSID)]),
		BSSID:   [6]byte(b[recordBSSID : recordBSSID+6]),
		RSSI:    int(int16(binary.LittleEndian.Uint16(b[recordRSSI:]))),
		Channel: int(binary.LittleEndian.Uint32(b[recordChannel:])),
		Auth:    authType(binary.LittleEndian.Uint32(b[recordSecurity:])),
	}
}

// authType returns what a protection is called in netlink.
func authType(security uint32) netlink.AuthType {
	switch {
	case security == 0:
		return netlink.AuthTypeOpen
	case security&(securityWPA|securityWPA2) == securityWPA|securityWPA2:
		return netlink.AuthTypeWPA2Mixed
	case security&securityWPA2 != 0:
		return netlink.AuthTypeWPA2
	case security&securityWPA != 0:
		return netlink.AuthTypeWPA
	}
	return netlink.AuthTypeOther
}
