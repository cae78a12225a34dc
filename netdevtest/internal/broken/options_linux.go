package broken

import (
	"time"

	"github.com/netdev-go/netdev"
)

// setting is a device whose SetSockOpt is set, over the host's.
func setting(name, rules string, set func(d *hooks, fd, level, opt int, value any) error) Device {
	return device(name, breaks(rules), func(d *hooks) {
		d.setSockOpt = func(fd, level, opt int, value any) error { return set(d, fd, level, opt, value) }
	})
}

// getting is a device whose GetSockOpt is get, over the host's.
func getting(name, rules string, get func(d *hooks, fd, level, opt int) (any, error)) Device {
	return device(name, breaks(rules), func(d *hooks) {
		d.getSockOpt = func(fd, level, opt int) (any, error) { return get(d, fd, level, opt) }
	})
}

func optionDevices() []Device {
	return []Device{
		setting("does not know bools", "OPT-1", func(d *hooks, fd, level, opt int, value any) error {
			if _, ok := value.(bool); ok {
				return netdev.ErrInvalid
			}
			return d.Device.SetSockOpt(fd, level, opt, value)
		}),
		setting("any option is nil", "OPT-2 OPT-3 OPT-4 OPT-5 OPT-7 OPT-8", func(*hooks, int, int, int, any) error { return nil }),
		setting("panics at a value's type", "OPT-3", func(d *hooks, fd, level, opt int, value any) error {
			if opt == netdev.IP_TTL && level == netdev.IPPROTO_IP {
				value = value.(int)
			}
			return d.Device.SetSockOpt(fd, level, opt, value)
		}),
		setting("does not know TinyGo's keep-alive", "OPT-4", func(d *hooks, fd, level, opt int, value any) error {
			if _, ok := value.(float64); ok {
				return netdev.ErrInvalid
			}
			return d.Device.SetSockOpt(fd, level, opt, value)
		}),
		setting("linger is a silent no-op", "OPT-5", func(d *hooks, fd, level, opt int, value any) error {
			if level == netdev.SOL_SOCKET && opt == netdev.SO_LINGER && value == 0 {
				return nil
			}
			return d.Device.SetSockOpt(fd, level, opt, value)
		}),
		setting("a new buffer size loses what is in the buffer", "OPT-6", func(d *hooks, fd, level, opt int, value any) error {
			if level == netdev.SOL_SOCKET && opt == netdev.SO_RCVBUF {
				d.Device.Recv(fd, make([]byte, 100), 0, time.Now().Add(20*time.Millisecond))
			}
			return d.Device.SetSockOpt(fd, level, opt, value)
		}),
		setting("sets what can only be read", "OPT-7", func(d *hooks, fd, level, opt int, value any) error {
			if level == netdev.SOL_SOCKET && opt == netdev.SO_TYPE {
				return nil
			}
			return d.Device.SetSockOpt(fd, level, opt, value)
		}),

		getting("a bool reads back as an int", "GOPT-1 GOPT-2", func(d *hooks, fd, level, opt int) (any, error) {
			value, err := d.Device.GetSockOpt(fd, level, opt)
			if b, ok := value.(bool); ok {
				n, _ := netdev.OptInt(b)
				return n, err
			}
			return value, err
		}),
		getting("nothing listens", "GOPT-2", func(d *hooks, fd, level, opt int) (any, error) {
			if level == netdev.SOL_SOCKET && opt == netdev.SO_ACCEPTCON {
				return false, nil
			}
			return d.Device.GetSockOpt(fd, level, opt)
		}),
		device("the pending error stays", breaks("GOPT-3"), func(d *hooks) {
			var pending any
			d.getSockOpt = func(fd, level, opt int) (any, error) {
				value, err := d.Device.GetSockOpt(fd, level, opt)
				if level != netdev.SOL_SOCKET || opt != netdev.SO_ERROR {
					return value, err
				}
				if value != nil {
					pending = value
				}
				return pending, err
			}
		}),
		getting("an unknown option reads as 0", "GOPT-4", func(d *hooks, fd, level, opt int) (any, error) {
			value, err := d.Device.GetSockOpt(fd, level, opt)
			if err == netdev.ErrNotSupported {
				return 0, nil
			}
			return value, err
		}),
	}
}
