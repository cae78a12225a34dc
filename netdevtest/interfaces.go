package netdevtest

import (
	"net"

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
