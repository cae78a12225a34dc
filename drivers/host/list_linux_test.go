//go:build !tinygo

package host_test

import (
	"net"
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
)

func TestSocketsListsThisDevices(t *testing.T) {
	d, other := host.New(), host.New()
	stream(t, other)
	lfd, addr := listen(t, d, 1)
	udp, at := bound(t, d)
	fd, c := pair(t, d)
	fresh := stream(t, d)
	half, hc := pair(t, d)
	hc.Close()
	wantEOF(t, d, half)
	c.Write([]byte("unread"))
	pollUntil(t, d, fd, netdev.PollIn)
	peer := c.LocalAddr().(*net.TCPAddr).AddrPort()

	want := map[int]netdev.SocketInfo{
		lfd:   {Sockfd: lfd, Type: netdev.SOCK_STREAM, Local: addr, State: "LISTEN"},
		udp:   {Sockfd: udp, Type: netdev.SOCK_DGRAM, Local: at},
		fd:    {Sockfd: fd, Type: netdev.SOCK_STREAM, Local: sockName(t, d, fd), Remote: peer, State: "ESTABLISHED", RecvQ: 6},
		fresh: {Sockfd: fresh, Type: netdev.SOCK_STREAM, Local: netip.AddrPortFrom(netip.IPv4Unspecified(), 0), State: "CLOSED"},
		half: {Sockfd: half, Type: netdev.SOCK_STREAM, Local: sockName(t, d, half),
			Remote: hc.LocalAddr().(*net.TCPAddr).AddrPort(), State: "CLOSE-WAIT"},
	}
	list, err := d.Sockets()
	must(t, err)
	if len(list) != len(want) {
		t.Errorf("%d sockets, want %d", len(list), len(want))
	}
	for _, got := range list {
		if got != want[got.Sockfd] {
			t.Errorf("got  %+v\nwant %+v", got, want[got.Sockfd])
		}
	}
	fill(t, d, fd)
	list, _ = d.Sockets()
	for _, got := range list {
		if got.Sockfd == fd && got.SendQ == 0 {
			t.Errorf("full connection: %+v", got)
		}
	}
}

func TestSocketsHaveTheNamesOfTheirStates(t *testing.T) {
	d := host.New()
	hole := blackhole(t, d)
	syn := stream(t, d)
	must(t, d.SetNonblock(syn, true))
	wantErr(t, "Connect", d.Connect(syn, "", hole), netdev.ErrInProgress)
	fin, c := pair(t, d)
	must(t, d.Shutdown(fin, netdev.SHUT_WR))
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Fatal("no FIN")
	}
	list, err := d.Sockets()
	must(t, err)
	for _, got := range list {
		switch {
		case got.Sockfd == syn && got.State != "SYN-SENT",
			got.Sockfd == fin && got.State != "FIN-WAIT-1" && got.State != "FIN-WAIT-2":
			t.Errorf("%+v", got)
		}
	}
}

func TestInterfacesAreThoseOfTheHost(t *testing.T) {
	list, err := host.New().Interfaces()
	must(t, err)
	std, err := net.Interfaces()
	must(t, err)
	if len(list) != len(std) {
		t.Fatalf("%d interfaces, want %d", len(list), len(std))
	}
	for k, i := range list {
		addrs, _ := std[k].Addrs()
		if i.Name != std[k].Name || i.Index != std[k].Index || i.MTU != std[k].MTU || len(i.Addrs) != len(addrs) {
			t.Errorf("got %+v, want %+v with %v", i, std[k], addrs)
			continue
		}
		for n, p := range i.Addrs {
			if p.String() != addrs[n].String() {
				t.Errorf("%s: %v, want %v", i.Name, p, addrs[n])
			}
		}
	}
}
