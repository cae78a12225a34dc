//go:build !tinygo

package gonet

import (
	"net"
	"time"

	"github.com/netdev-go/netdev"
)

// options are those that Go's net can set. They wait for the connection.
type options struct {
	v6only    bool
	noDelay   bool
	linger    *int
	sendBuf   int
	recvBuf   int
	keepAlive net.KeepAliveConfig
}

// SetSockOpt knows SO_KEEPALIVE, SO_LINGER, SO_SNDBUF, SO_RCVBUF, SO_BROADCAST
// (which is on), IPV6_V6ONLY before Bind, and the options of TCP but
// TCP_MAXSEG and TCP_USER_TIMEOUT.
func (d *Device) SetSockOpt(sockfd, level, opt int, value any) error {
	s, err := d.use(sockfd)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	changed := s.options
	if err := changed.set(s.stype, level, opt, value); err != nil {
		return err
	}
	if changed.v6only != s.options.v6only && (s.bound || s.tcp != nil) {
		return netdev.ErrInvalid
	}
	s.options = changed
	switch {
	case s.tcp != nil:
		return s.options.applyTCP(s.tcp)
	case s.udp != nil:
		return s.options.applyUDP(s.udp)
	}
	return nil
}

func (o *options) set(stype, level, opt int, value any) error {
	switch level {
	case netdev.SOL_SOCKET:
		return o.setSocket(opt, value)
	case netdev.SOL_TCP:
		if stype == netdev.SOCK_STREAM {
			return o.setTCP(opt, value)
		}
	case netdev.IPPROTO_IPV6:
		if opt == netdev.IPV6_V6ONLY {
			return setBool(&o.v6only, value)
		}
	}
	return netdev.ErrNotSupported
}

func (o *options) setSocket(opt int, value any) error {
	switch opt {
	case netdev.SO_KEEPALIVE:
		return setBool(&o.keepAlive.Enable, value)
	case netdev.SO_LINGER:
		n, err := netdev.OptInt(value)
		o.linger = &n
		return err
	case netdev.SO_SNDBUF:
		return setPositive(&o.sendBuf, value)
	case netdev.SO_RCVBUF:
		return setPositive(&o.recvBuf, value)
	case netdev.SO_BROADCAST:
		on := true
		if err := setBool(&on, value); err != nil || on {
			return err
		}
	}
	return netdev.ErrNotSupported
}

func (o *options) setTCP(opt int, value any) error {
	switch opt {
	case netdev.TCP_NODELAY:
		return setBool(&o.noDelay, value)
	case netdev.TCP_KEEPIDLE:
		return setSeconds(&o.keepAlive.Idle, value)
	case netdev.TCP_KEEPINTVL:
		return setSeconds(&o.keepAlive.Interval, value)
	case netdev.TCP_KEEPCNT:
		return setPositive(&o.keepAlive.Count, value)
	}
	return netdev.ErrNotSupported
}

func setBool(to *bool, value any) (err error) {
	*to, err = netdev.OptBool(value)
	return err
}

func setPositive(to *int, value any) error {
	n, err := netdev.OptInt(value)
	if err != nil {
		return err
	}
	if n <= 0 {
		return netdev.ErrInvalid
	}
	*to = n
	return nil
}

func setSeconds(to *time.Duration, value any) error {
	var n int
	if err := setPositive(&n, value); err != nil {
		return err
	}
	*to = time.Duration(min(n, 1<<15)) * time.Second
	return nil
}

func (o *options) applyTCP(c *net.TCPConn) error {
	if err := c.SetNoDelay(o.noDelay); err != nil {
		return toError(err)
	}
	if o.keepAlive != (net.KeepAliveConfig{}) {
		if err := c.SetKeepAliveConfig(o.keepAlive); err != nil {
			return toError(err)
		}
	}
	if o.linger != nil {
		if err := c.SetLinger(*o.linger); err != nil {
			return toError(err)
		}
	}
	return o.applyBuffers(c)
}

func (o *options) applyUDP(c *net.UDPConn) error { return o.applyBuffers(c) }

func (o *options) applyBuffers(c interface {
	SetReadBuffer(int) error
	SetWriteBuffer(int) error
}) error {
	if o.recvBuf != 0 {
		if err := c.SetReadBuffer(o.recvBuf); err != nil {
			return toError(err)
		}
	}
	if o.sendBuf != 0 {
		return toError(c.SetWriteBuffer(o.sendBuf))
	}
	return nil
}
