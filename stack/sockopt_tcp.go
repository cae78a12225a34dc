package stack

import (
	"math"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack/tcp"
	"github.com/netdev-go/netdev/stack/tcp/congestion"
)

// What a connection has that was not told otherwise.
const (
	keepIdle     = 2 * time.Hour
	keepInterval = 75 * time.Second
	keepCount    = 9
	defaultMSS   = 536 // until the handshake has found a better one
)

// streamOptions returns the settings of a stream, whatever has become of it.
func (k *socket) streamOptions() tcp.Options {
	switch {
	case k.conn != nil:
		return k.conn.Options()
	case k.options != nil:
		return *k.options
	}
	return tcp.Options{}
}

func (s *Stack) setStreamOptions(k *socket, o tcp.Options) {
	if k.conn != nil {
		k.conn.SetOptions(s.now(), o)
		return
	}
	if k.options == nil {
		k.options = new(tcp.Options)
	}
	*k.options = o
	if k.listener != nil {
		k.listener.SetOptions(o)
	}
}

func (s *Stack) setTCPOption(k *socket, opt int, value any) error {
	if opt == netdev.TCP_CONGESTION {
		return s.setCongestion(k, value)
	}
	n, err := netdev.OptInt(value)
	if err != nil {
		return err
	}
	o := k.streamOptions()
	switch opt {
	case netdev.TCP_NODELAY:
		if _, err := netdev.OptBool(value); err != nil {
			return err
		}
		o.NoDelay = n != 0
	case netdev.TCP_MAXSEG:
		// What Linux allows.
		if n < 88 || n > 32767 {
			return netdev.ErrInvalid
		}
		o.MaxSeg = uint16(n)
	case netdev.TCP_KEEPIDLE, netdev.TCP_KEEPINTVL:
		if n < 1 || n > 32767 {
			return netdev.ErrInvalid
		}
		if opt == netdev.TCP_KEEPIDLE {
			o.KeepAlive.Idle = time.Duration(n) * time.Second
		} else {
			o.KeepAlive.Interval = time.Duration(n) * time.Second
		}
	case netdev.TCP_KEEPCNT:
		if n < 1 || n > 127 {
			return netdev.ErrInvalid
		}
		o.KeepAlive.Count = n
	case netdev.TCP_USER_TIMEOUT:
		if n < 0 || n > math.MaxInt32 {
			return netdev.ErrInvalid
		}
		o.UserTimeout = time.Duration(n) * time.Millisecond
	default:
		return netdev.ErrNotSupported
	}
	s.streams.setOptions(k, o)
	return nil
}

func (s *Stack) setCongestion(k *socket, value any) error {
	name, ok := value.(string)
	if !ok {
		return netdev.ErrInvalid
	}
	o := k.streamOptions()
	if o.Congestion = s.algorithm(name); o.Congestion == nil {
		return netdev.ErrInvalid
	}
	s.streams.setOptions(k, o)
	return nil
}

// algorithm returns the congestion control of that name, nil if there is none.
func (s *Stack) algorithm(name string) congestion.Algorithm {
	if a := congestion.Find(name, s.config.Algorithms...); a != nil {
		return a
	}
	return congestion.Find(name, s.congestion(), congestion.Cubic)
}

// congestion is what a stream has that was not told otherwise.
func (s *Stack) congestion() congestion.Algorithm {
	if a := s.config.Congestion; a != nil {
		return a
	}
	return congestion.Cubic
}

// setTCPSocketOption sets what SOL_SOCKET has for streams only.
func (s *Stack) setTCPSocketOption(k *socket, opt int, value any) error {
	o := k.streamOptions()
	switch opt {
	case netdev.SO_KEEPALIVE:
		on, err := netdev.OptBool(value)
		if err != nil {
			return err
		}
		o.KeepAlive.On = on
	case netdev.SO_LINGER:
		sec, err := netdev.OptInt(value)
		if err != nil {
			return err
		}
		o.LingerOn = sec >= 0
		o.Linger = time.Duration(min(max(sec, 0), math.MaxInt32)) * time.Second
	}
	s.streams.setOptions(k, o)
	return nil
}

func (k *socket) getTCPOption(s *Stack, opt int) any {
	o := k.streamOptions()
	switch opt {
	case netdev.TCP_NODELAY:
		return o.NoDelay
	case netdev.TCP_MAXSEG:
		switch {
		case k.conn != nil && k.has(connected):
			return k.conn.Info().MSS
		case o.MaxSeg != 0:
			return int(o.MaxSeg)
		}
		return defaultMSS
	case netdev.TCP_KEEPIDLE:
		return seconds(o.KeepAlive.Idle, keepIdle)
	case netdev.TCP_KEEPINTVL:
		return seconds(o.KeepAlive.Interval, keepInterval)
	case netdev.TCP_KEEPCNT:
		if o.KeepAlive.Count == 0 {
			return keepCount
		}
		return o.KeepAlive.Count
	case netdev.TCP_CONGESTION:
		if o.Congestion != nil {
			return o.Congestion.Name()
		}
		return s.congestion().Name()
	case netdev.TCP_USER_TIMEOUT:
		return int(o.UserTimeout / time.Millisecond)
	}
	return nil
}

func (k *socket) getTCPSocketOption(s *Stack, opt int) any {
	o := k.streamOptions()
	switch opt {
	case netdev.SO_KEEPALIVE:
		return o.KeepAlive.On
	case netdev.SO_LINGER:
		if !o.LingerOn {
			return -1
		}
		return int(o.Linger / time.Second)
	case netdev.SO_SNDBUF:
		return orElse(o.SendBuffer, s.config.SendBuffer)
	case netdev.SO_RCVBUF:
		return orElse(o.RecvBuffer, s.config.RecvBuffer)
	}
	return nil
}

func orElse(n, other int) int {
	if n == 0 {
		return other
	}
	return n
}

func seconds(d, other time.Duration) int {
	if d == 0 {
		d = other
	}
	return int(d / time.Second)
}
