//go:build !tinygo

package host_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
)

// FuzzCalls makes calls in any order on a few sockets. Each byte pair is a call
// and its socket. No call may panic, or wait longer than its deadline.
func FuzzCalls(f *testing.F) {
	f.Add([]byte{0, 0, 1, 0, 3, 0, 0, 1, 2, 1, 4, 0, 5, 1, 6, 2, 12, 0})
	f.Add([]byte{0, 0, 2, 0, 5, 0, 6, 0, 10, 0, 12, 0, 12, 0, 6, 0})
	f.Add([]byte{0, 8, 1, 0, 7, 0, 8, 0, 2, 0, 7, 0, 8, 0, 13, 0, 9, 0})
	f.Fuzz(func(t *testing.T, calls []byte) {
		if len(calls) > 128 {
			return
		}
		d := host.New()
		defer d.NetDisconnect()
		var open []int
		var addrs []netip.AddrPort
		buf := make([]byte, 1<<12)
		done := make(chan struct{})
		var at int
		go func() {
			defer close(done)
			for at = 0; at+1 < len(calls); at += 2 {
				op, arg := calls[at], int(calls[at+1])
				fd, to := arg-8, anyPort
				if len(open) > 0 {
					fd = open[arg%len(open)]
				}
				if len(addrs) > 0 {
					to = addrs[arg%len(addrs)]
				}
				deadline := time.Now().Add(time.Millisecond)
				switch op % 18 {
				case 0:
					domain, stype := netdev.AF_INET, netdev.SOCK_STREAM+arg>>3&1
					if arg>>4&1 == 1 {
						domain = netdev.AF_INET6
					}
					if fd, err := d.Socket(domain, stype, 0); err == nil {
						open = append(open, fd)
						d.SetNonblock(fd, true)
					}
				case 1:
					if d.Bind(fd, anyPort) == nil {
						if addr, err := d.GetSockName(fd); err == nil {
							addrs = append(addrs, addr)
						}
					}
				case 2:
					d.Connect(fd, "", to)
				case 3:
					d.Listen(fd, arg)
				case 4:
					if fd, _, err := d.Accept(fd); err == nil {
						open = append(open, fd)
					}
				case 5:
					d.Send(fd, buf[:arg*16], 0, deadline)
				case 6:
					d.Recv(fd, buf[:arg*16], 0, deadline)
				case 7:
					d.SendTo(fd, buf[:arg], 0, to, deadline)
				case 8:
					d.RecvFrom(fd, buf, 0, deadline)
				case 9:
					d.Recv(fd, buf, netdev.MSG_PEEK|netdev.MSG_DONTWAIT, deadline)
				case 10:
					d.Shutdown(fd, arg%4)
				case 11:
					d.Poll(fd)
				case 12:
					d.Close(fd)
				case 13:
					d.GetPeerName(fd)
				case 14:
					d.SetSockOpt(fd, arg%8, int(op), arg)
				case 15:
					d.GetSockOpt(fd, arg%8, int(op))
				case 16:
					d.PollNotify(fd, func() {})
				case 17:
					d.Sockets()
				}
			}
		}()
		select {
		case <-done:
		case <-time.After(20 * time.Second):
			t.Fatalf("call %d of %v does not return", at/2, calls)
		}
		for _, fd := range open {
			d.Close(fd)
		}
	})
}
