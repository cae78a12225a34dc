package main

import (
	"context"
	"net"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/link/channel"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"

	"github.com/netdev-go/netdev/sim/ether"
)

// lossOnGVisor does a transfer between two of gVisor's netstacks, whose packets go
// over a cable of sim/ether.
func lossOnGVisor(r lossRun, algorithm string) (moved, error) {
	left, right, err := lossCable(r)
	if err != nil {
		return moved{}, err
	}
	defer left.Close()
	defer right.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p := &gvisorPair{}
	for i, d := range []*ether.Device{left, right} {
		s, err := newGVisor(plugGVisor(ctx, d), gvisorAddr(byte(1+i)))
		if err != nil {
			return moved{}, err
		}
		defer s.Destroy()
		if err := tuneGVisor(s, r, algorithm); err != nil {
			return moved{}, err
		}
		if i == 0 {
			p.client = s
		} else {
			p.server = s
		}
	}
	return lossOverConn(r, func() (client, server net.Conn, err error) { return connect(p) })
}

func tuneGVisor(s *stack.Stack, r lossRun, algorithm string) error {
	control := tcpip.CongestionControlOption(algorithm)
	options := []tcpip.SettableTransportProtocolOption{&control}
	if n := r.buffer; n > 0 {
		moderate := tcpip.TCPModerateReceiveBufferOption(false)
		options = append(options, &moderate,
			&tcpip.TCPSendBufferSizeRangeOption{Min: n, Default: n, Max: n},
			&tcpip.TCPReceiveBufferSizeRangeOption{Min: n, Default: n, Max: n})
	}
	for _, option := range options {
		if err := s.SetTransportProtocolOption(tcp.ProtocolNumber, option); err != nil {
			return failed("SetTransportProtocolOption", err)
		}
	}
	return nil
}

// plugGVisor returns an endpoint whose packets go over d, behind a header that nobody
// reads, until ctx is over.
func plugGVisor(ctx context.Context, d *ether.Device) *channel.Endpoint {
	const header = 14
	e := channel.New(lossFrames, 1500, "")
	go func() {
		frame := make([]byte, header, header+1500)
		frame[12] = 0x08
		for p := e.ReadContext(ctx); p != nil; p = e.ReadContext(ctx) {
			frame = frame[:header]
			for _, b := range p.AsSlices() {
				frame = append(frame, b...)
			}
			p.DecRef()
			if d.SendOffsetEthFrame(frame) != nil {
				return
			}
		}
	}()
	d.SetEthRecvHandler(func(frame []byte) {
		p := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(frame[header:])})
		e.InjectInbound(ipv4.ProtocolNumber, p)
		p.DecRef()
	})
	return e
}
