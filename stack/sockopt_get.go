package stack

import (
	"net/netip"

	"github.com/netdev-go/netdev"
)

// GetSockOpt reads an option back.
func (s *Stack) GetSockOpt(sockfd, level, opt int) (any, error) {
	s.lock()
	defer s.mu.Unlock()
	k, err := s.use(sockfd)
	if err != nil {
		return nil, err
	}
	var v any
	switch level {
	case netdev.SOL_SOCKET:
		return s.getSocketOption(k, opt)
	case netdev.SOL_TCP:
		if k.isStream() {
			v = s.streams.option(k, opt)
		}
	case netdev.IPPROTO_IP:
		v = k.getIPOption(opt)
	}
	if v == nil {
		return nil, netdev.ErrNotSupported
	}
	return v, nil
}

func (s *Stack) getSocketOption(k *socket, opt int) (any, error) {
	switch opt {
	case netdev.SO_TYPE:
		return int(k.stype), nil
	case netdev.SO_ACCEPTCON:
		return k.listener != nil, nil
	case netdev.SO_ERROR:
		if err := k.pendingError(); err != nil {
			return err, nil
		}
		return nil, nil
	case netdev.SO_REUSEADDR:
		return k.has(reuseAddr), nil
	}
	if k.isStream() {
		if v := k.getTCPSocketOption(s, opt); v != nil {
			return v, nil
		}
		return nil, netdev.ErrNotSupported
	}
	switch opt {
	case netdev.SO_REUSEPORT:
		return k.has(reusePort), nil
	case netdev.SO_BROADCAST:
		return !k.dgram.noBroadcast, nil
	case netdev.SO_SNDBUF:
		return k.dgram.sendLimit, nil
	case netdev.SO_RCVBUF:
		return k.dgram.limit, nil
	}
	return nil, netdev.ErrNotSupported
}

// pendingError returns what has gone wrong, once. The calls on a broken stream go
// on saying so.
func (k *socket) pendingError() error {
	if !k.isStream() {
		return k.takeError()
	}
	if k.conn == nil || k.has(errorTold) {
		return nil
	}
	err := k.conn.Err()
	if err != nil {
		k.flags |= errorTold
	}
	return err
}

func (k *socket) getIPOption(opt int) any {
	var ttl, tos uint8
	if k.isStream() {
		o := k.streamOptions()
		ttl, tos = o.TTL, o.TOS
	} else {
		ttl, tos = k.dgram.ttl, k.dgram.tos
	}
	switch opt {
	case netdev.IP_TOS:
		return int(tos)
	case netdev.IP_TTL:
		if ttl == 0 {
			ttl = defaultTTL
		}
		return int(ttl)
	}
	if k.isStream() {
		return nil
	}
	switch opt {
	case netdev.IP_MULTICAST_TTL:
		return int(k.dgram.groupTTL)
	case netdev.IP_MULTICAST_LOOP:
		return !k.dgram.noLoop
	case netdev.IP_MULTICAST_IF:
		if !k.dgram.groupInterface.IsValid() {
			return netip.IPv4Unspecified()
		}
		return k.dgram.groupInterface
	}
	return nil
}
