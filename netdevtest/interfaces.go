package netdevtest

import (
	"net"
	"slices"

	"github.com/netdev-go/netdev"
)

var interfacesGroup = Group{
	Name: "Interfaces", Prefix: "IFACE", Capability: "InterfaceLister", has: has[netdev.InterfaceLister],
	Rules: []Rule{
		{
			ID: "IFACE-1", Name: "index, name, MTU", check: checkInterfaces,
			Text: "`Interfaces` lists each interface with an index from 1 and a name, each once, and with its MTU.",
		},
		{
			ID: "IFACE-2", Name: "own address", check: checkInterfaceAddr,
			Text: "The address at which peers reach the device belongs to an interface that is up.",
		},
		{
			ID: "IFACE-3", Name: "groups", check: checkInterfaceGroups,
			Text: "`Groups` is nil on every interface, or lists the groups that sockets are members of, each once.",
		},
	},
}

func checkInterfaces(t *trial) {
	ifaces, err := t.dev.Interfaces()
	t.must("Interfaces", err)
	if len(ifaces) == 0 {
		t.Fatal("Interfaces lists none")
	}
	indexes, names := make(map[int]bool), make(map[string]bool)
	for _, i := range ifaces {
		if i.Index < 1 || i.Name == "" || i.MTU < 68 || indexes[i.Index] || names[i.Name] {
			t.Fatalf("Interfaces lists %+v", i)
		}
		indexes[i.Index], names[i.Name] = true, true
		for _, p := range i.Addrs {
			if !p.IsValid() || p.Addr().Is4In6() {
				t.Fatalf("Interfaces lists the address %v of %s", p, i.Name)
			}
		}
	}
}

func checkInterfaceAddr(t *trial) {
	ifaces, err := t.dev.Interfaces()
	t.must("Interfaces", err)
	own := t.peer.DeviceAddr(inet)
	for _, i := range ifaces {
		for _, p := range i.Addrs {
			if p.Addr() == own && i.Flags&net.FlagUp != 0 {
				return
			}
		}
	}
	t.Fatalf("no interface that is up has %v: %+v", own, ifaces)
}

func checkInterfaceGroups(t *trial) {
	if !t.tellsGroups() {
		return
	}
	if t.dev.multicast == nil {
		t.absent("the device has no MulticastJoiner to join a group with")
	}
	fd, again := t.datagram(), t.datagram()
	t.must("JoinGroup", t.dev.JoinGroup(fd, testGroup, t.peer.Interface()))
	t.must("JoinGroup of another socket", t.dev.JoinGroup(again, testGroup, t.peer.Interface()))
	t.inTestGroup("after JoinGroup", 1)
	t.must("LeaveGroup", t.dev.LeaveGroup(fd, testGroup, t.peer.Interface()))
	t.inTestGroup("after LeaveGroup of one socket of two", 1)
	t.must("LeaveGroup", t.dev.LeaveGroup(again, testGroup, t.peer.Interface()))
	t.inTestGroup("after LeaveGroup of both", 0)
}

// tellsGroups reports whether the device lists the groups that it is in.
func (t *trial) tellsGroups() bool {
	ifaces, err := t.dev.Interfaces()
	t.must("Interfaces", err)
	told := 0
	for _, i := range ifaces {
		if i.Groups != nil {
			told++
		}
		for j, g := range i.Groups {
			if !g.IsMulticast() || g.Is4In6() || slices.Contains(i.Groups[:j], g) {
				t.Fatalf("Interfaces lists the groups %v of %s", i.Groups, i.Name)
			}
		}
	}
	if told != 0 && told != len(ifaces) {
		t.Fatalf("Interfaces tells the groups of %d interfaces out of %d: %+v", told, len(ifaces), ifaces)
	}
	return told > 0
}

// inTestGroup wants testGroup in the lists of so many interfaces.
func (t *trial) inTestGroup(when string, want int) {
	ifaces, err := t.dev.Interfaces()
	t.must("Interfaces", err)
	n := 0
	for _, i := range ifaces {
		for _, g := range i.Groups {
			if g == testGroup {
				n++
			}
		}
	}
	if n != want {
		t.Fatalf("%s the group is listed %d times, want %d: %+v", when, n, want, ifaces)
	}
}
