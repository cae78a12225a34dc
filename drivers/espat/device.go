package espat

import (
	"context"
	"net"
	"net/netip"
	"time"

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

// scanTime is how long the module may take to look at all channels.
const scanTime = 15 * time.Second

// Scan returns the access points that the module hears. It does nothing else
// meanwhile. A module that is an access point cannot.
func (d *Device) Scan(ctx context.Context) (found []netlink.AccessPoint, err error) {
	err = d.ask(ctx, func(m *chip) error {
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

// pingTime is how long the module waits for an answer by itself.
const pingTime = 6 * time.Second

// mostPing is the longest payload of an echo request.
const mostPing = 65507

// Ping asks for echoes until one is answered or ctx is done. The module sends a
// payload of its own choice, whatever payload is. It counts whole
// milliseconds; of less than one the time is what the exchange with it took.
func (d *Device) Ping(ctx context.Context, addr netip.Addr, payload []byte) (rtt time.Duration, err error) {
	addr = addr.Unmap()
	switch {
	case len(payload) > mostPing:
		return 0, netdev.ErrMessageTooLong
	case !addr.IsValid():
		return 0, netdev.ErrInvalid
	case !addr.Is4():
		return 0, netdev.ErrNetUnreachable
	}
	if _, err := d.Addr(); err != nil {
		return 0, err
	}
	for {
		answered := false
		err := d.ask(ctx, func(m *chip) error {
			m.conn.Command("+PING=").Addr(addr)
			begin := time.Now()
			return m.query(pingTime, "", func(f at.Fields) bool {
				if f == nil {
					answered = false
					return true
				}
				v, ok := at.Prefixed(f, "+PING:")
				if !ok {
					v, ok = at.Prefixed(f, "+") // of older firmware
				}
				if n, is := v.Uint(1 << 20); ok && is {
					rtt, answered = time.Duration(n)*time.Millisecond, true
					if n == 0 {
						rtt = min(max(time.Since(begin), 1), time.Millisecond)
					}
				}
				return ok
			})
		})
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		if err == nil && answered {
			return rtt, nil
		}
		if _, ok := err.(*at.Failure); !ok && err != nil {
			return 0, err
		}
	}
}

// Slices of time that the module has for a name; see connect.
const (
	firstNameSlice = 2 * time.Second
	lastNameSlice  = 8 * time.Second
)

// resolve asks the module for the address of a name.
func (d *Device) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	for slice := firstNameSlice; ; slice *= 2 {
		addr, slow, err := d.resolveOnce(ctx, host, slice)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			return nil, err
		case addr.IsValid():
			return []netip.Addr{addr}, nil
		case !slow:
			return nil, netdev.ErrHostUnknown
		case slice >= lastNameSlice:
			return nil, netdev.ErrTimeout
		}
	}
}

// resolveOnce has one slice. slow says that the module took all of it.
func (d *Device) resolveOnce(ctx context.Context, host string, slice time.Duration) (addr netip.Addr, slow bool, err error) {
	err = d.ask(ctx, func(m *chip) error {
		begin := time.Now()
		c := m.conn.Command("+CIPDOMAIN=").Quoted(host)
		limit := m.config.Timeout
		if m.can.nameTimeout {
			c.Int(2).Int(int(slice / time.Millisecond))
			limit = slice + quick
		}
		err := m.query(limit, "+CIPDOMAIN:", func(f at.Fields) bool {
			if f == nil {
				addr = netip.Addr{}
				return true
			}
			a, ok := f.Addr()
			addr = a
			return ok
		})
		slow = time.Since(begin) >= slice*9/10
		if f, ok := err.(*at.Failure); ok {
			if f.Reason() == at.CodeWrongCount && m.can.nameTimeout {
				m.can.nameTimeout, slow = false, true // an older firmware: again
			}
			return nil
		}
		return err
	})
	return addr, slow, err
}
