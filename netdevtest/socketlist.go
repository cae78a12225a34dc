package netdevtest

import (
	"github.com/netdev-go/netdev"
)

var socketsGroup = Group{
	Name: "Sockets", Prefix: "LIST", Capability: "SocketLister", has: has[netdev.SocketLister],
	Rules: []Rule{
		{
			ID: "LIST-1", Name: "open sockets", check: checkSocketList,
			Text: "`Sockets` lists each open socket with its type, its addresses and, of a stream, its state by RFC 9293's name.",
		},
		{
			ID: "LIST-2", Name: "closed sockets", check: checkSocketListClosed,
			Text: "After `Close` a descriptor is no longer listed.",
		},
	},
}

// listed is the line of fd.
func (t *trial) listed(fd int) (netdev.SocketInfo, bool) {
	t.Helper()
	all, err := t.dev.Sockets()
	t.must("Sockets", err)
	var found []netdev.SocketInfo
	for _, s := range all {
		if s.Sockfd == fd {
			found = append(found, s)
		}
	}
	if len(found) > 1 {
		t.Fatalf("Sockets lists descriptor %d %d times: %+v", fd, len(found), found)
	}
	if len(found) == 0 {
		return netdev.SocketInfo{}, false
	}
	return found[0], true
}

func checkSocketList(t *trial) {
	fd, c := t.connected()
	lfd, laddr := t.listener(1)
	ufd, uaddr, pc := t.udp()
	for _, want := range []netdev.SocketInfo{
		{Sockfd: fd, Type: stream, Local: peerAddr(c.RemoteAddr()), Remote: peerAddr(c.LocalAddr()), State: "ESTABLISHED"},
		{Sockfd: lfd, Type: stream, Local: laddr, State: "LISTEN"},
		{Sockfd: ufd, Type: dgram, Local: uaddr, Remote: peerAddr(pc.LocalAddr())},
	} {
		got, ok := t.listed(want.Sockfd)
		if !ok {
			t.Fatalf("Sockets does not list descriptor %d", want.Sockfd)
		}
		got.RecvQ, got.SendQ = 0, 0
		if want.Type == dgram {
			got.State = "" // a device may have a word for it
		}
		if got != want {
			t.Fatalf("Sockets lists %+v, want %+v", got, want)
		}
	}
}

func checkSocketListClosed(t *trial) {
	fd, _ := t.connected()
	lfd, _ := t.listener(1)
	for _, fd := range []int{fd, lfd} {
		t.close(fd)
		if s, ok := t.listed(fd); ok {
			t.Fatalf("Sockets lists %+v after Close", s)
		}
	}
}
