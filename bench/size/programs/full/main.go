// Full is a board with everything: DHCP and names, TCP both ways with BBR to choose,
// UDP and groups.
package main

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/bench/size/internal/nic"
	"github.com/netdev-go/netdev/stack"
	"github.com/netdev-go/netdev/stack/tcp/congestion"
)

var (
	card  nic.Device
	group = netip.AddrFrom4([4]byte{224, 0, 0, 251})
)

func main() {
	c := stack.SmallBoard()
	c.Poll = time.Millisecond
	c.Algorithms = []congestion.Algorithm{congestion.BBR}
	s, err := stack.New(&card, c)
	if err == nil {
		err = s.NetConnect(nil)
	}
	if err == nil {
		go accept(s)
		go datagrams(s)
		err = report(s)
	}
	if err != nil {
		println(err.Error())
	}
}

func report(s *stack.Stack) error {
	fd, err := s.Socket(netdev.AF_INET, netdev.SOCK_STREAM, netdev.IPPROTO_TCP)
	if err != nil {
		return err
	}
	defer s.Close(fd)
	if err := s.SetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_CONGESTION, "bbr"); err != nil {
		return err
	}
	if err := s.Connect(fd, "example.com", netip.AddrPortFrom(netip.Addr{}, 7777)); err != nil {
		return err
	}
	return echo(s, fd)
}

func accept(s *stack.Stack) error {
	fd, err := s.Socket(netdev.AF_INET, netdev.SOCK_STREAM, netdev.IPPROTO_TCP)
	if err != nil {
		return err
	}
	defer s.Close(fd)
	if err := s.Bind(fd, netip.AddrPortFrom(netip.IPv4Unspecified(), 80)); err != nil {
		return err
	}
	if err := s.Listen(fd, 4); err != nil {
		return err
	}
	for {
		conn, _, err := s.Accept(fd)
		if err != nil {
			return err
		}
		go echo(s, conn)
	}
}

func echo(s *stack.Stack, fd int) error {
	defer s.Close(fd)
	buf := make([]byte, 512)
	for {
		n, err := s.Recv(fd, buf, 0, time.Time{})
		if err != nil {
			return err
		}
		if _, err := s.Send(fd, buf[:n], 0, time.Time{}); err != nil {
			return err
		}
	}
}

func datagrams(s *stack.Stack) error {
	fd, err := s.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, netdev.IPPROTO_UDP)
	if err != nil {
		return err
	}
	defer s.Close(fd)
	if err := s.Bind(fd, netip.AddrPortFrom(netip.IPv4Unspecified(), 5353)); err != nil {
		return err
	}
	if err := s.JoinGroup(fd, group, ""); err != nil {
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
