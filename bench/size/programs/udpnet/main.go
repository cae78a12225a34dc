// Udpnet is the program udp, written with package net.
package main

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/bench/size/internal/nic"
	"github.com/netdev-go/netdev/net"
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
		netdev.UseNetdev(s)
		err = serve()
	}
	if err != nil {
		println(err.Error())
	}
}

func serve() error {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{Port: 7})
	if err != nil {
		return err
	}
	defer conn.Close()
	buf := make([]byte, 1472)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return err
		}
		if _, err := conn.WriteToUDPAddrPort(buf[:n], from); err != nil {
			return err
		}
	}
}
