package netdevtest

import (
	"errors"
	"net/netip"

	"github.com/netdev-go/netdev"
)

var multicastGroup = Group{
	Name: "Multicast", Prefix: "MCAST", Capability: "MulticastJoiner", has: has[netdev.MulticastJoiner],
	Rules: []Rule{
		{
			ID: "MCAST-1", Name: "join and leave", check: checkMulticast,
			Text: "After `JoinGroup` the socket hears what is sent to the group, and after `LeaveGroup` no longer.",
		},
		{
			ID: "MCAST-2", Name: "not a group", check: checkMulticastWrong,
			Text: "An address that is no multicast group is `ErrInvalid`; leaving a group that was not joined is an error, and so is an interface that does not exist.",
		},
	},
}

// testGroup is a group of the organisation-local scope (RFC 2365).
var testGroup = netip.MustParseAddr("239.192.77.1")

func checkMulticast(t *trial) {
	if t.dev.packet == nil {
		t.absent("the device has no PacketNetdever to send to a group with")
	}
	fd := t.datagram()
	port := t.peer.FreePort()
	t.must("Bind", t.dev.Bind(fd, netip.AddrPortFrom(netip.IPv4Unspecified(), port)))
	t.must("JoinGroup", t.dev.JoinGroup(fd, testGroup, t.peer.Interface()))

	sender := t.datagram()
	t.must("Bind", t.dev.Bind(sender, t.local(0)))
	if err := t.dev.SetSockOpt(sender, netdev.IPPROTO_IP, netdev.IP_MULTICAST_IF, t.peer.DeviceAddr(inet)); err != nil {
		t.want("SetSockOpt IP_MULTICAST_IF", err, netdev.ErrNotSupported)
	}
	to := netip.AddrPortFrom(testGroup, port)
	_, err := t.dev.SendTo(sender, []byte("to all"), 0, to, t.soonest())
	t.must("SendTo a group", err)
	buf := make([]byte, 100)
	n, _, err := t.dev.RecvFrom(fd, buf, 0, t.soonest())
	t.must("RecvFrom of what was sent to the group", err)
	t.same("what was sent to the group", buf[:n], []byte("to all"))

	t.must("LeaveGroup", t.dev.LeaveGroup(fd, testGroup, t.peer.Interface()))
	_, err = t.dev.SendTo(sender, []byte("to the others"), 0, to, t.soonest())
	t.must("SendTo a group", err)
	n, err = t.dev.Recv(fd, buf, 0, in(t.cfg.Pause))
	if !errors.Is(err, netdev.ErrTimeout) {
		t.Fatalf("Recv after LeaveGroup: %v %q, want ErrTimeout", result{n, err}, buf[:max(n, 0)])
	}
}

func checkMulticastWrong(t *trial) {
	fd := t.datagram()
	t.want("JoinGroup of an address that is no group",
		t.dev.JoinGroup(fd, t.peer.Addr(inet), t.peer.Interface()), netdev.ErrInvalid)
	if err := t.dev.LeaveGroup(fd, testGroup, t.peer.Interface()); err == nil {
		t.Fatal("LeaveGroup of a group that was not joined: nil, want an error")
	}
	if err := t.dev.JoinGroup(fd, testGroup, "no such interface"); err == nil {
		t.Fatal("JoinGroup on an interface that does not exist: nil, want an error")
	}
}
