package main

import (
	"fmt"
	"net"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/link/pipe"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"
)

// gvisorPair is two of gVisor's netstacks, used through its adapter with the shape
// of package net, and set up as its sandbox does (runsc/boot/loader.go): SACK on,
// receive buffers that grow by themselves up to 4 MiB, the other sizes as they come.
//
// They are joined by its own link/pipe, which hands packets over in the sender's
// call, without a copy and without Ethernet or ARP: less work than any other of its
// links, of which veth leaves out the checksums and copies, and channel needs a
// goroutine more. The MTU is 1500, and every checksum is computed and verified. Its
// software GSO is on, as in the sandbox: TCP cuts its segments at the last moment,
// and saves about a tenth of its CPU time by that.
type gvisorPair struct{ client, server *stack.Stack }

const nic = 1

func newGVisorPair(offload bool) (Pair, error) {
	a, b := pipe.New("\x02\x00\x00\x00\x00\x01", "\x02\x00\x00\x00\x00\x02", 1500)
	var left, right stack.LinkEndpoint = softwareGSO{a}, softwareGSO{b}
	if offload {
		left, right = hostGSO{a}, hostGSO{b}
	}
	client, err := newGVisor(left, gvisorAddr(1))
	if err != nil {
		return nil, err
	}
	server, err := newGVisor(right, gvisorAddr(2))
	if err != nil {
		client.Destroy()
		return nil, err
	}
	return &gvisorPair{client, server}, nil
}

func gvisorAddr(host byte) tcpip.Address { return tcpip.AddrFrom4([4]byte{10, 0, 0, host}) }

func newGVisor(link stack.LinkEndpoint, addr tcpip.Address) (*stack.Stack, error) {
	s := stack.New(stack.Options{
		NetworkProtocols:   []stack.NetworkProtocolFactory{ipv4.NewProtocol},
		TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocol, udp.NewProtocol},
		HandleLocal:        true,
	})
	sack, moderate := tcpip.TCPSACKEnabled(true), tcpip.TCPModerateReceiveBufferOption(true)
	for _, option := range []tcpip.SettableTransportProtocolOption{&sack, &moderate} {
		if err := s.SetTransportProtocolOption(tcp.ProtocolNumber, option); err != nil {
			return nil, failed("SetTransportProtocolOption", err)
		}
	}
	if err := s.CreateNIC(nic, link); err != nil {
		return nil, failed("CreateNIC", err)
	}
	if err := s.AddProtocolAddress(nic, tcpip.ProtocolAddress{
		Protocol:          ipv4.ProtocolNumber,
		AddressWithPrefix: tcpip.AddressWithPrefix{Address: addr, PrefixLen: 24},
	}, stack.AddressProperties{}); err != nil {
		return nil, failed("AddProtocolAddress", err)
	}
	everywhere, err := tcpip.NewSubnet(tcpip.AddrFrom4([4]byte{}), tcpip.MaskFromBytes(make([]byte, 4)))
	if err != nil {
		return nil, err
	}
	s.SetRouteTable([]tcpip.Route{{Destination: everywhere, NIC: nic}})
	return s, nil
}

// failed makes an error of gVisor's, which are none of Go's.
func failed(call string, err tcpip.Error) error { return fmt.Errorf("%s: %s", call, err) }

func (p *gvisorPair) Listen() (net.Listener, error) {
	return gonet.ListenTCP(p.server, tcpip.FullAddress{NIC: nic, Addr: gvisorAddr(2)}, ipv4.ProtocolNumber)
}

func (p *gvisorPair) Dial(to net.Addr) (net.Conn, error) {
	c, err := gonet.DialTCP(p.client, full(to.(*net.TCPAddr).AddrPort().Port()), ipv4.ProtocolNumber)
	if err != nil {
		return nil, err
	}
	return c, nil
}

func (p *gvisorPair) ListenUDP() (net.Conn, net.Addr, error) {
	at := tcpip.FullAddress{NIC: nic, Addr: gvisorAddr(2)}
	c, err := gonet.DialUDP(p.server, &at, nil, ipv4.ProtocolNumber)
	if err != nil {
		return nil, nil, err
	}
	return c, c.LocalAddr(), nil
}

func (p *gvisorPair) DialUDP(to net.Addr) (net.Conn, error) {
	at := full(to.(*net.UDPAddr).AddrPort().Port())
	c, err := gonet.DialUDP(p.client, nil, &at, ipv4.ProtocolNumber)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// full is a port of the server's.
func full(port uint16) tcpip.FullAddress {
	return tcpip.FullAddress{NIC: nic, Addr: gvisorAddr(2), Port: port}
}

func (p *gvisorPair) Close() {
	p.client.Destroy()
	p.server.Destroy()
}
