// Client is a board with a static address that sends a line to a server each minute.
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
	c.Address = netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 2, 15}), 24)
	c.Gateway = netip.AddrFrom4([4]byte{10, 0, 2, 1})
	s, err := stack.NewWith(&card, c, stack.TCP)
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
	if err := s.Connect(fd, "", netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, 7}), 7777)); err != nil {
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
