package w5500_test

import (
	"runtime"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/sim/w5500"
	"github.com/netdev-go/netdev/stack"
)

// What the chip takes of the time of a driver's echo: one byte there and back.
func BenchmarkEcho(b *testing.B) {
	x, y, err := ether.Cable(ether.Config{Queue: 1024, MAC: chipMAC}, ether.Config{Queue: 1024})
	must(b, err)
	cable, err := w5500.NewCable(x)
	must(b, err)
	own, err := stack.New(cable, stack.Config{})
	must(b, err)
	peer, err := stack.New(y, stack.Config{Address: peerNet})
	must(b, err)
	must(b, peer.NetConnect(&netlink.ConnectParams{}))
	r := &rig{TB: b, Chip: w5500.New(w5500.Config{Network: own, Cable: cable}), peer: peer}
	defer func() {
		r.Stop()
		own.Stop()
		peer.Stop()
		x.Close()
		y.Close()
	}()
	r.address(chipNet)
	fd := r.dial(1)
	must(b, peer.SetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_NODELAY, true))
	go func() {
		buf := make([]byte, 100)
		for {
			n, err := peer.Recv(fd, buf, 0, never)
			if err != nil {
				return
			}
			peer.Send(fd, buf[:n], 0, never)
		}
	}()
	b.ReportAllocs()
	for b.Loop() {
		r.put(1, []byte{'x'})
		for r.steady(1, snRSR) == 0 {
			runtime.Gosched()
		}
		r.setWord(1, snRXRD, r.word(1, snRXRD)+1)
		r.command(1, recv)
		for r.reg(1, snIR)&sendOK == 0 {
			runtime.Gosched()
		}
		r.write(regs(1), snIR, sendOK)
	}
}
