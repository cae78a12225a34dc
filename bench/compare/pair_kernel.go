//go:build unix

package main

import (
	"net"
	"syscall"
)

// kernelPair is Go's own net on the host's kernel, over 127.0.0.1.
type kernelPair struct{}

// newKernelPair skips where the process may not have two descriptors for each
// connection.
func newKernelPair(conns int) (Pair, error) {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return nil, err
	}
	if need := uint64(2*conns + 100); need > uint64(l.Cur) {
		want := syscall.Rlimit{Cur: need, Max: max(l.Max, need)}
		if syscall.Setrlimit(syscall.RLIMIT_NOFILE, &want) != nil {
			return nil, Skip("%d connections take %d file descriptors and this process may have %d (ulimit -n)", conns, need, l.Max)
		}
	}
	return kernelPair{}, nil
}

func (kernelPair) Listen() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }

func (kernelPair) Dial(to net.Addr) (net.Conn, error) { return net.Dial("tcp", to.String()) }

func (kernelPair) ListenUDP() (net.Conn, net.Addr, error) {
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, nil, err
	}
	return c, c.LocalAddr(), nil
}

func (kernelPair) DialUDP(to net.Addr) (net.Conn, error) { return net.Dial("udp", to.String()) }

func (kernelPair) Close() {}
