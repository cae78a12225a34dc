package nina

import "net/netip"

// closeLocal closes what has an address, as the firmware does when it is no longer
// on a network.
func (f *firmware) closeLocal() {
	for i, s := range f.sockets {
		if s != nil && s.local() {
			f.sockets[i] = nil
			f.shut(s)
		}
	}
}

// renew opens the sockets that outlive a network anew.
func (f *firmware) renew() {
	for _, s := range f.sockets {
		if s == nil || s.fd < 0 {
			continue
		}
		f.network().PollNotify(s.fd, nil)
		f.network().Close(s.fd)
		if f.open(s) != nil {
			continue
		}
		if s.port != 0 {
			f.network().Bind(s.fd, netip.AddrPortFrom(netip.IPv4Unspecified(), s.port))
		}
		if s.listening {
			f.network().Listen(s.fd, s.backlog)
		}
		f.applyFlags(s)
	}
}

// reconnect gives datagram sockets their peers and groups again.
func (f *firmware) reconnect() {
	for _, s := range f.sockets {
		if s == nil || s.stream {
			continue
		}
		if s.peer.IsValid() {
			f.network().Connect(s.fd, "", s.peer)
		}
		if s.group.IsValid() {
			f.network().JoinGroup(s.fd, s.group, "")
		}
	}
}
