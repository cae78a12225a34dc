package espat

import (
	"context"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/at"
)

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

// resolveOnce has one slice, and reports whether the module took all of it.
func (d *Device) resolveOnce(ctx context.Context, host string, slice time.Duration) (netip.Addr, bool, error) {
	var addr netip.Addr // the module's goroutine's, until ask has returned nil; slow too
	slow := false
	err := d.ask(ctx, func(m *chip) error {
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
	if err != nil {
		return netip.Addr{}, false, err
	}
	return addr, slow, nil
}
