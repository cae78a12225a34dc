package offload

import "github.com/netdev-go/netdev"

// Sockets lists the open sockets. A connection that was closed, and goes on only
// to bring its last bytes to the peer, is not in the list.
func (s *Sockets) Sockets() ([]netdev.SocketInfo, error) {
	c := s.core
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]netdev.SocketInfo, 0, c.table.count)
	for i := range c.table.slots {
		if k := c.table.slots[i].sock; k != nil {
			k.flags &^= anyPort
			list = append(list, k.info())
		}
	}
	return list, nil
}

func (k *socket) info() netdev.SocketInfo {
	return netdev.SocketInfo{
		Sockfd: k.fd, Type: k.stype(), Local: k.localName(), Remote: k.remote,
		State: k.stateName(), RecvQ: k.recv.Len(), SendQ: k.send.Len(),
	}
}

// stateName is the state of a stream as far as it can be seen from here.
func (k *socket) stateName() string {
	switch {
	case !k.isStream():
		return ""
	case k.state != open || k.err != nil:
		return "CLOSED"
	case k.has(listening):
		return "LISTEN"
	case k.has(connected) && k.has(ended) && k.has(shutWrite):
		return "LAST-ACK"
	case k.has(connected) && k.has(ended):
		return "CLOSE-WAIT"
	case k.has(connected) && k.has(shutWrite):
		return "FIN-WAIT-2"
	case k.has(connected):
		return "ESTABLISHED"
	case k.has(dialling):
		return "SYN-SENT"
	}
	return "CLOSED"
}
