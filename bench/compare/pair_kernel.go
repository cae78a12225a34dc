//go:build unix

package main

import (
	"fmt"
	"net"
	"syscall"
)

// kernelPair is Go's own net on the host's kernel, over 127.0.0.1.
type kernelPair struct{}

// newKernelPair skips where the process may not have two descriptors for each
// connection.
func newKernelPair(conns int) (Pair, error) {
	if may := descriptors(conns); may < conns {
		return nil, Skip("%d connections take %d file descriptors and this process may have less (ulimit -n)", conns, 2*conns)
	}
	return kernelPair{}, nil
}

// descriptors returns how many of conns connections this process may have, raising
// its limit if it can.
func descriptors(conns int) int {
	const others = 64
	need := uint64(2*conns + others)
	var l syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l) != nil || need <= uint64(l.Cur) {
		return conns
	}
	want := syscall.Rlimit{Cur: need, Max: max(l.Max, need)}
	if syscall.Setrlimit(syscall.RLIMIT_NOFILE, &want) == nil {
		return conns
	}
	return (int(l.Cur) - others) / 2
}

// almost returns conns, or a few less where a subject may not have all of them,
// and the words for that.
func almost(subject string, conns int) (n int, note string) {
	n = conns
	if subject == Kernel {
		n = descriptors(conns)
	}
	switch {
	case n == conns:
		return n, ""
	case n < conns*95/100:
		return conns, "" // and NewPair says why not
	}
	return n, fmt.Sprintf("%s connections only, for each takes two file descriptors (ulimit -n)", number(float64(n)))
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
