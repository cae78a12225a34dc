package espat

import (
	"context"
	"net"
	"net/netip"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/at"
	"github.com/netdev-go/netdev/netlink"
)

// ask runs f where the module can be talked to.
func (d *Device) ask(ctx context.Context, f func(m *chip) error) error {
	return d.core.Do(ctx, func() error {
		if err := d.chip.ensure(); err != nil {
			return err
		}
		if err := d.chip.awaitJoin(); err != nil {
			return err
		}
		return f(d.chip)
	})
}

// refused makes the module's ERROR an error of netdev.
func refused(err error) error {
	if _, ok := err.(*at.Failure); ok {
		return netdev.ErrNotSupported
	}
	return err
}

// Firmware returns the version of the AT firmware.
func (d *Device) Firmware() (version string, err error) {
	err = d.ask(context.Background(), func(m *chip) error {
		version = m.version
		return nil
	})
	return version, err
}

// GetHardwareAddr returns the MAC address: of the station, or of the access
// point that the module is.
func (d *Device) GetHardwareAddr() (mac net.HardwareAddr, err error) {
	err = d.ask(context.Background(), func(m *chip) error {
		name, prefix := "+CIPSTAMAC?", "+CIPSTAMAC:"
		if m.joining.params.ConnectMode == netlink.ConnectModeAP {
			name, prefix = "+CIPAPMAC?", "+CIPAPMAC:"
		}
		m.conn.Command(name)
		return refused(m.query(quick, prefix, func(f at.Fields) bool {
			if f == nil {
				mac = nil
				return true
			}
			b, ok := parseMAC(f.Bytes())
			mac = net.HardwareAddr(b[:])
			return ok
		}))
	})
	if err == nil && mac == nil {
		err = netdev.ErrNotSupported
	}
	return mac, err
}

// RSSI returns the strength of the access point's signal in dBm.
func (d *Device) RSSI() (dBm int, err error) {
	seen := false
	err = d.ask(context.Background(), func(m *chip) error {
		m.conn.Command("+CWJAP?")
		return refused(m.query(quick, "", func(f at.Fields) bool {
			if f == nil {
				seen = false
				return true
			}
			v, ok := at.Prefixed(f, "+CWJAP:")
			if !ok {
				return string(f) == "No AP"
			}
			v.Skip()
			v.Skip()
			v.Skip()
			dBm, seen = v.Int()
			return seen
		}))
	})
	if err == nil && !seen {
		err = netdev.ErrNetDown
	}
	return dBm, err
}

// Interfaces returns the module's one interface.
func (d *Device) Interfaces() ([]netdev.Interface, error) {
	i := netdev.Interface{Index: 1, MTU: 1500, Name: "wlan0", Flags: net.FlagUp | net.FlagBroadcast}
	var err error
	if i.HardwareAddr, err = d.GetHardwareAddr(); err != nil {
		return nil, err
	}
	if _, err := d.Addr(); err == nil {
		err = d.ask(context.Background(), func(m *chip) error {
			p, err := m.address()
			if err == nil && p.IsValid() {
				i.Addrs = []netip.Prefix{p}
				i.Flags |= net.FlagRunning
			}
			return refused(err)
		})
		if err != nil {
			return nil, err
		}
	}
	return []netdev.Interface{i}, nil
}

// DNSServers returns the servers that the module asks.
func (d *Device) DNSServers() (servers []netip.Addr) {
	if _, err := d.Addr(); err != nil {
		return nil
	}
	err := d.ask(context.Background(), func(m *chip) error {
		m.conn.Command("+CIPDNS?")
		return m.query(quick, "+CIPDNS:", func(f at.Fields) bool {
			if f == nil {
				servers = nil
				return true
			}
			f.Skip()
			for len(f) > 0 {
				a, ok := f.Addr()
				if !ok {
					f.Skip()
					continue
				}
				if !a.IsUnspecified() && !contains(servers, a) {
					servers = append(servers, a)
				}
			}
			return true
		})
	})
	if err != nil {
		return nil
	}
	return servers
}

func contains(all []netip.Addr, a netip.Addr) bool {
	for _, o := range all {
		if o == a {
			return true
		}
	}
	return false
}
