package espat

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/at"
	"github.com/netdev-go/netdev/netlink"
)

// errJoining is for a module that hears nothing before it has joined.
var errJoining = errors.New("espat: the module joins a network")

// joinPause is between two looks whether it has.
const joinPause = 20 * time.Millisecond

// ask runs f where the module can be talked to. A join is waited for here, where
// it can still be ended, and not by the module's goroutine.
func (d *Device) ask(ctx context.Context, f func(m *chip) error) error {
	for {
		err := d.core.Do(ctx, func() error {
			if err := d.chip.ensure(); err != nil {
				return err
			}
			if d.chip.joining.pending && !d.chip.joinReply(time.Now()) {
				return errJoining
			}
			if !d.chip.booted {
				return netdev.ErrNetDown
			}
			return f(d.chip)
		})
		if err != errJoining {
			return err
		}
		pause := time.NewTimer(joinPause)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		}
	}
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
