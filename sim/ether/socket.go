package ether

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
)

// OpenUDP returns a device whose far end is another process: each frame is one
// datagram between two UDP addresses of this machine, as QEMU's "-netdev
// dgram" and "-nic socket,udp=" have it. Frames from elsewhere than remote are
// ignored.
func OpenUDP(c Config, local, remote string) (*Device, error) {
	from, err := net.ResolveUDPAddr("udp", local)
	if err != nil {
		return nil, err
	}
	to, err := net.ResolveUDPAddr("udp", remote)
	if err != nil {
		return nil, err
	}
	conn, err := net.ListenUDP("udp", from)
	if err != nil {
		return nil, err
	}
	return openOwn(c, conn, to)
}

// OpenUnix is OpenUDP over Unix datagram sockets, which are named by paths.
// Whoever may write to the file of local can send frames. The file is removed
// by Close.
func OpenUnix(c Config, local, remote string) (*Device, error) {
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: local, Net: "unixgram"})
	if err != nil {
		return nil, err
	}
	return openOwn(c, unixConn{conn}, &net.UnixAddr{Name: remote, Net: "unixgram"})
}

// unixConn takes its name away when it closes, which package net does not do for
// sockets of datagrams.
type unixConn struct{ *net.UnixConn }

func (c unixConn) Close() error {
	os.Remove(c.LocalAddr().String())
	return c.UnixConn.Close()
}

func openOwn(c Config, conn net.PacketConn, remote net.Addr) (*Device, error) {
	d, err := OpenPacketConn(c, conn, remote)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return d, nil
}

// OpenPacketConn is OpenUDP over any socket of datagrams. The socket is the
// device's, and closed with it. What the socket does not take, because nobody
// listens or the network refuses, counts as Refused of Transmit, and what waits
// for it beyond Queue as ReceiveFull there. A device whose socket fails closes
// itself; Close tells why.
//
// In a program that the overlay runs over a netdev, the UDP sockets of package
// net are that netdev's, and so are OpenUDP's. OpenUnix reaches the kernel there,
// and OpenPacketConn does with a socket that does.
func OpenPacketConn(c Config, conn net.PacketConn, remote net.Addr) (*Device, error) {
	s, err := newSocket(conn, remote)
	if err != nil {
		return nil, err
	}
	return openSocket(c, s)
}

// openSocket returns the end of a cable whose other end is s.
func openSocket(c Config, s *socket) (*Device, error) {
	c, err := c.withDefaults("socket")
	if err != nil {
		return nil, err
	}
	near, far, err := Cable(c, Config{Name: c.Name + " socket", MTU: c.MTU, Queue: c.Queue, Seed: c.Seed})
	if err != nil {
		return nil, err
	}
	far.SetEthRecvHandler(func(frame []byte) {
		if s.write(frame) != nil {
			near.tx.count.takeBack(faultRefused) // it came as far as the socket's queue
		}
	})
	near.onClose = func() error {
		far.Close()
		err := s.close()
		if s.failed.Load() != nil {
			err = *s.failed.Load()
		}
		return err
	}
	go func() {
		s.receive(far)
		if !far.in.isClosed() {
			near.Close()
		}
	}()
	return near, nil
}

// A socket moves frames as datagrams.
type socket struct {
	read   func([]byte) (n int, ours bool, err error)
	write  func([]byte) error
	close  func() error
	failed atomic.Pointer[error]
}

// newSocket picks calls that do not allocate an address for each datagram.
func newSocket(conn net.PacketConn, remote net.Addr) (*socket, error) {
	if remote == nil {
		return nil, errors.New("ether: a socket without the address of its peer")
	}
	s := &socket{
		write: func(b []byte) error { _, err := conn.WriteTo(b, remote); return err },
		close: conn.Close,
	}
	switch c := conn.(type) {
	case *net.UDPConn:
		addr, ok := remote.(*net.UDPAddr)
		if !ok {
			return nil, fmt.Errorf("ether: a UDP socket and a peer on %s", remote.Network())
		}
		peer := unmapped(addr.AddrPort())
		s.write = func(b []byte) error { _, err := c.WriteToUDPAddrPort(b, peer); return err }
		s.read = func(b []byte) (int, bool, error) {
			n, from, err := c.ReadFromUDPAddrPort(b)
			return n, unmapped(from) == peer, err
		}
	case unixConn:
		s.read = func(b []byte) (int, bool, error) { n, err := c.Read(b); return n, true, err }
	default:
		peer := remote.String()
		s.read = func(b []byte) (int, bool, error) {
			n, from, err := conn.ReadFrom(b)
			return n, err == nil && from.String() == peer, err
		}
	}
	return s, nil
}

func unmapped(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

// maxFailures in a row end a socket. A few are no more than what a UDP socket
// is told of its last datagram.
const maxFailures = 16

// receive hands the socket's frames to d until one of them is closed.
func (s *socket) receive(d *Device) {
	buf := make([]byte, d.max+1)
	for failures := 0; failures < maxFailures; {
		n, ours, err := s.read(buf)
		switch {
		case errors.Is(err, net.ErrClosed), errors.Is(err, os.ErrClosed), errors.Is(err, io.EOF):
			return
		case err != nil:
			failures++
			if failures == maxFailures {
				last := err // which alone is to outlive this: err would for each frame
				s.failed.Store(&last)
			}
			continue
		case !ours:
		case n < headerLen, n > d.max:
			d.tx.refuse(buf[:n])
		default:
			d.tx.send(buf[:n])
		}
		failures = 0
	}
}
