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

// pingPause is the least time between two echo requests.
const pingPause = time.Second

// Ping asks for echoes until one is answered or ctx is done. The module sends a
// payload of its own choice, whatever payload is. It counts whole
// milliseconds; of less than one the time is what the exchange with it took.
func (d *Device) Ping(ctx context.Context, addr netip.Addr, payload []byte) (time.Duration, error) {
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
		pause := time.NewTimer(pingPause)
		rtt, err := d.pingOnce(ctx, addr)
		if err != nil || rtt > 0 {
			pause.Stop()
			return rtt, err
		}
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return 0, ctx.Err()
		}
	}
}

// pingOnce has one echo request sent. 0 is one that is not answered.
func (d *Device) pingOnce(ctx context.Context, addr netip.Addr) (time.Duration, error) {
	var rtt time.Duration // the module's goroutine's, until ask has returned nil
	err := d.ask(ctx, func(m *chip) error {
		m.conn.Command("+PING=").Addr(addr)
		begin := time.Now()
		err := m.query(pingTime, "", func(f at.Fields) bool {
			if f == nil {
				rtt = 0
				return true
			}
			v, ok := at.Prefixed(f, "+PING:")
			if !ok {
				v, ok = at.Prefixed(f, "+") // of older firmware
			}
			if n, is := v.Uint(1 << 20); ok && is {
				rtt = time.Duration(n) * time.Millisecond
				if n == 0 {
					rtt = min(max(time.Since(begin), 1), time.Millisecond)
				}
			}
			return ok
		})
		if f, ok := err.(*at.Failure); ok && f.Reason() != at.CodeUnsupported {
			rtt = 0
			return nil
		}
		return refused(err)
	})
	if err != nil {
		return 0, err
	}
	return rtt, nil
}
