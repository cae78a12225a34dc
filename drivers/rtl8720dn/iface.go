package rtl8720dn

import (
	"context"
	"net"
	"net/netip"

	"github.com/netdev-go/netdev"
)

const (
	ifaceName = "wlan0"
	mtu       = 1500
)

// GetHardwareAddr returns the chip's MAC address. The first time it asks the
// chip.
func (d *Device) GetHardwareAddr() (net.HardwareAddr, error) {
	d.mu.Lock()
	mac := d.mac
	d.mu.Unlock()
	if mac != [6]byte{} {
		return mac[:], nil
	}
	err := d.core.Do(context.Background(), func() (err error) {
		mac, err = d.radio.readMAC()
		return err
	})
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	d.mac = mac
	d.mu.Unlock()
	return mac[:], nil
}

// macText is a MAC address in hexadecimal with colons, and a NUL: an array, which
// the firmware sends without its length.
const macText = 18

func (r *radio) readMAC() (mac [6]byte, err error) {
	if err := r.awaken(); err != nil {
		return mac, err
	}
	r.request(serviceWiFi, wifiMAC)
	d, err := r.call(r.config.Timeout, repeat)
	if err != nil {
		return mac, err
	}
	text := d.Raw(macText)
	if d.Int32() != 0 || d.End() != nil {
		return mac, errBus
	}
	for i := range mac {
		high, ok1 := hexDigit(text[3*i])
		low, ok2 := hexDigit(text[3*i+1])
		if !ok1 || !ok2 {
			return mac, errBus
		}
		mac[i] = high<<4 | low
	}
	return mac, nil
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// Interfaces lists the chip's one interface, wlan0.
func (d *Device) Interfaces() ([]netdev.Interface, error) {
	mac, err := d.GetHardwareAddr()
	if err != nil {
		return nil, err
	}
	i := netdev.Interface{
		Index: 1, MTU: mtu, Name: ifaceName, HardwareAddr: mac,
		Flags: net.FlagUp | net.FlagBroadcast | net.FlagMulticast,
	}
	if _, err := d.Addr(); err == nil {
		d.mu.Lock()
		i.Addrs = []netip.Prefix{d.network}
		d.mu.Unlock()
		i.Flags |= net.FlagRunning
	}
	return []netdev.Interface{i}, nil
}
