//go:build !tinygo

package host_test

import (
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
)

var raceEnabled bool // under the race detector sync.Pool forgets at random

func TestTransfersAllocateNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	d := host.New()
	fd, _ := pair(t, d)
	lfd, addr := listen(t, d, 1)
	cfd := stream(t, d)
	must(t, d.Connect(cfd, "", addr))
	afd, _, err := d.Accept(lfd)
	must(t, err)
	defer d.Close(afd)
	udp, at := bound(t, d)
	udp6 := -1
	if fd, err := d.Socket(netdev.AF_INET6, netdev.SOCK_DGRAM, 0); err == nil {
		defer d.Close(fd)
		udp6 = fd
	}
	buf := make([]byte, 1024)
	deadline := time.Now().Add(time.Hour)
	tests := []struct {
		name string
		f    func()
	}{
		{"Send and Recv", func() {
			d.Send(cfd, buf, 0, never)
			d.Recv(afd, buf, 0, never)
		}},
		{"Send and Recv with a deadline", func() {
			d.Send(cfd, buf, 0, deadline)
			d.Recv(afd, buf, 0, deadline)
		}},
		{"SendTo and RecvFrom", func() {
			d.SendTo(udp, buf, 0, at, deadline)
			d.RecvFrom(udp, buf, 0, deadline)
		}},
		{"SendTo from IPv6 to IPv4", func() {
			if udp6 >= 0 {
				d.SendTo(udp6, buf, 0, at, deadline)
				d.RecvFrom(udp, buf, 0, deadline)
			}
		}},
		{"Recv that would block", func() { d.Recv(fd, buf, netdev.MSG_DONTWAIT, never) }},
		{"Recv that waits", func() { d.Recv(fd, buf, 0, time.Now().Add(100*time.Microsecond)) }},
		{"names", func() { d.GetSockName(fd); d.GetPeerName(fd) }},
		{"Poll", func() { d.Poll(fd) }},
	}
	for _, test := range tests {
		if n := testing.AllocsPerRun(200, test.f); n != 0 {
			t.Errorf("%s: %v allocations", test.name, n)
		}
	}
}
