package espat

import (
	"context"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/at"
)

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
