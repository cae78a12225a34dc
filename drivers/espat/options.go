package espat

import (
	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// options are those of a TCP link that the firmware has. The zero value is what
// a link begins with.
type options struct {
	reset     bool // closing resets the connection
	noDelay   bool
	keepAlive int // seconds that it is idle before it is probed; 0 is never
}

// mostIdle is the firmware's longest time before probes of an idle connection,
// and the one that SO_KEEPALIVE alone asks for.
const mostIdle = 7200

// setOptions tells the module of a link's options, where they are not known to it.
func (m *chip) setOptions(link int, o options) error {
	r := &m.remote[link]
	if r.options == o || !m.booted {
		return nil
	}
	linger := -1
	if o.reset {
		linger = 0
	}
	m.conn.Command("+CIPTCPOPT=").Int(link).Int(linger).Int(boolInt(o.noDelay)).Int(m.sendTime()).Int(o.keepAlive)
	if m.exec(quick) != nil {
		return netdev.ErrNotSupported
	}
	r.options = o
	return nil
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// SetOption implements offload.Optioner.
func (m *chip) SetOption(id, level, opt int, value any) error {
	s := &m.slots[id]
	if s.kind != offload.Stream {
		return netdev.ErrNotSupported
	}
	o := s.options
	switch {
	case level == netdev.SOL_TCP && opt == netdev.TCP_NODELAY:
		on, err := netdev.OptBool(value)
		if err != nil {
			return err
		}
		o.noDelay = on
	case level == netdev.SOL_SOCKET && opt == netdev.SO_KEEPALIVE:
		on, err := netdev.OptBool(value)
		if err != nil {
			return err
		}
		switch {
		case !on:
			o.keepAlive = 0
		case o.keepAlive == 0:
			o.keepAlive = mostIdle
		}
	case level == netdev.SOL_TCP && opt == netdev.TCP_KEEPIDLE:
		n, err := netdev.OptInt(value)
		if err != nil {
			return err
		}
		if n < 1 || n > mostIdle {
			return netdev.ErrInvalid
		}
		o.keepAlive = n
	default:
		return netdev.ErrNotSupported
	}
	if s.link != none {
		if err := m.setOptions(s.link, o); err != nil {
			return err
		}
	}
	s.options = o
	return nil
}
