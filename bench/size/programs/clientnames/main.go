// Clientnames is the program client with an address from DHCP and a server that has a name.
package main

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/bench/size/internal/nic"
	"github.com/netdev-go/netdev/stack"
)

var card nic.Device

func main() {
	c := stack.SmallBoard()
	c.Poll = time.Millisecond
	s, err := stack.NewWith(&card, c, stack.TCP, stack.DHCP, stack.DNS)
	if err == nil {
		err = s.NetConnect(nil)
	}
	for err == nil {
		err = report(s)
		time.Sleep(time.Minute)
	}
	println(err.Error())
}

func report(s *stack.Stack) error {
	fd, err := s.Socket(netdev.AF_INET, netdev.SOCK_STREAM, netdev.IPPROTO_TCP)
	if err != nil {
		return err
	}
	defer s.Close(fd)
	if err := s.Connect(fd, "example.com", netip.AddrPortFrom(netip.Addr{}, 7777)); err != nil {
		return err
	}
	deadline := time.Now().Add(10 * time.Second)
	if _, err := s.Send(fd, []byte("21.5\n"), 0, deadline); err != nil {
		return err
	}
	var answer [64]byte
	_, err = s.Recv(fd, answer[:], 0, deadline)
	return err
}
