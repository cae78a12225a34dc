// Udp is a board with a static address that sends each datagram back.
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
	s, err := stack.NewWith(&card, c)
	if err == nil {
		err = s.NetConnect(nil)
	}
	if err == nil {
		err = serve(s)
	}
	if err != nil {
		println(err.Error())
	}
}

func serve(s *stack.Stack) error {
	fd, err := s.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, netdev.IPPROTO_UDP)
	if err != nil {
		return err
	}
	defer s.Close(fd)
	if err := s.Bind(fd, netip.AddrPortFrom(netip.IPv4Unspecified(), 7)); err != nil {
		return err
	}
	buf := make([]byte, 1472)
	for {
		n, from, err := s.RecvFrom(fd, buf, 0, time.Time{})
		if err != nil {
			return err
		}
		if _, err := s.SendTo(fd, buf[:n], 0, from, time.Time{}); err != nil {
			return err
		}
	}
}
