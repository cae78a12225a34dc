//go:build !tinygo

package host

import (
	"github.com/netdev-go/netdev"
	"golang.org/x/sys/unix"
)

var _ netdev.SocketLister = (*Device)(nil)

// tcpStates are RFC 9293's names, by the kernel's numbers.
var tcpStates = [...]string{
	unix.BPF_TCP_ESTABLISHED:  "ESTABLISHED",
	unix.BPF_TCP_SYN_SENT:     "SYN-SENT",
	unix.BPF_TCP_SYN_RECV:     "SYN-RECEIVED",
	unix.BPF_TCP_FIN_WAIT1:    "FIN-WAIT-1",
	unix.BPF_TCP_FIN_WAIT2:    "FIN-WAIT-2",
	unix.BPF_TCP_TIME_WAIT:    "TIME-WAIT",
	unix.BPF_TCP_CLOSE:        "CLOSED",
	unix.BPF_TCP_CLOSE_WAIT:   "CLOSE-WAIT",
	unix.BPF_TCP_LAST_ACK:     "LAST-ACK",
	unix.BPF_TCP_LISTEN:       "LISTEN",
	unix.BPF_TCP_CLOSING:      "CLOSING",
	unix.BPF_TCP_NEW_SYN_RECV: "SYN-RECEIVED",
}

// Sockets lists the open sockets of this device, not those of the host. Type
// may also be SOCK_RAW. What Linux keeps of a connection after Close is no
// longer in the list.
func (d *Device) Sockets() ([]netdev.SocketInfo, error) {
	var list []netdev.SocketInfo
	d.table.each(func(n int, s *socket) {
		if !s.acquire() {
			return
		}
		defer s.release()
		list = append(list, s.info(n))
	})
	return list, nil
}

func (s *socket) info(n int) netdev.SocketInfo {
	info := netdev.SocketInfo{Sockfd: n, Type: s.stype}
	var sa sockaddr
	if getsockname(s.fd, &sa) == 0 {
		info.Local = sa.addrPort(s.fd)
	}
	if getpeername(s.fd, &sa) == 0 {
		info.Remote = sa.addrPort(s.fd)
	}
	if s.stype == unix.SOCK_STREAM {
		// The state is the first byte of struct tcp_info.
		var state [1]byte
		if _, errno := getsockopt(s.fd, unix.SOL_TCP, unix.TCP_INFO, state[:]); errno == 0 && int(state[0]) < len(tcpStates) {
			info.State = tcpStates[state[0]]
		}
	}
	// A listener has no queues of bytes, and says EINVAL.
	info.RecvQ, _ = unix.IoctlGetInt(s.fd, unix.SIOCINQ)
	info.SendQ, _ = unix.IoctlGetInt(s.fd, unix.SIOCOUTQ)
	return info
}
