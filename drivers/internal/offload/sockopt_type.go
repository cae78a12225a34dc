package offload

import (
	"net/netip"

	"github.com/netdev-go/netdev"
)

// typed returns an option's value in the option's type, or ErrNotSupported for an
// option that such a socket does not have.
func typed(stream bool, level, opt int, value any) (any, error) {
	switch level {
	case netdev.SOL_SOCKET:
		switch opt {
		case netdev.SO_KEEPALIVE, netdev.SO_REUSEPORT:
			return asBool(value)
		}
	case netdev.SOL_TCP:
		if !stream {
			break
		}
		switch opt {
		case netdev.TCP_NODELAY:
			return asBool(value)
		case netdev.TCP_MAXSEG, netdev.TCP_KEEPIDLE, netdev.TCP_KEEPINTVL, netdev.TCP_KEEPCNT, netdev.TCP_USER_TIMEOUT:
			return asInt(value)
		}
	case netdev.IPPROTO_IP:
		switch opt {
		case netdev.IP_TOS, netdev.IP_TTL:
			return asInt(value)
		}
		if stream {
			break
		}
		switch opt {
		case netdev.IP_MULTICAST_TTL:
			return asInt(value)
		case netdev.IP_MULTICAST_LOOP:
			return asBool(value)
		case netdev.IP_MULTICAST_IF:
			if a, ok := value.(netip.Addr); ok {
				return a, nil
			}
			return nil, netdev.ErrInvalid
		}
	}
	return nil, netdev.ErrNotSupported
}

func asBool(value any) (any, error) {
	on, err := netdev.OptBool(value)
	if err != nil {
		return nil, err
	}
	return on, nil
}

func asInt(value any) (any, error) {
	n, err := netdev.OptInt(value)
	if err != nil {
		return nil, err
	}
	return n, nil
}
