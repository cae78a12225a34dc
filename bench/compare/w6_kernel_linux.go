package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"github.com/netdev-go/netdev/sim/ether"
)

// lossOnKernel does a transfer between two network namespaces, each with a TAP
// device. The frames of both go through sim/ether. Everything of it ends with the call.
func lossOnKernel(r lossRun, algorithm string) (m moved, err error) {
	if os.Geteuid() != 0 {
		return m, Skip("it needs root, for network namespaces of its own")
	}
	var spaces [2]*namespace
	var devices [2]*ether.Device
	for i := range spaces {
		if spaces[i], err = newNamespace(); err != nil {
			return m, Skip("no network namespace: %v", err)
		}
		defer spaces[i].close()
		if devices[i], err = spaces[i].plug(r.seed, lossAddr(i)); err != nil {
			return m, Skip("no TAP device: %v", err)
		}
		defer devices[i].Close()
	}
	a, b := devices[0], devices[1]
	// What the first one's kernel sends leaves the other device.
	if err := impairLossy(r, b, a); err != nil {
		return m, err
	}
	a.SetEthRecvHandler(func(frame []byte) { b.SendOffsetEthFrame(frame) })
	b.SetEthRecvHandler(func(frame []byte) { a.SendOffsetEthFrame(frame) })
	return lossOverConn(r, func() (client, server net.Conn, err error) { return connectKernels(spaces, algorithm) })
}

func lossAddr(i int) [4]byte { return [4]byte{10, 66, 0, byte(1 + i)} }

const lossPort = 5001

// connectKernels connects the first namespace to the second.
func connectKernels(spaces [2]*namespace, algorithm string) (client, server net.Conn, err error) {
	var from, at int
	if err := errors.Join(
		spaces[0].in(func() error { from, err = stream(); return err }),
		spaces[1].in(func() error { at, err = stream(); return err }),
	); err != nil {
		return nil, nil, err
	}
	defer unix.Close(from)
	defer unix.Close(at)
	if err := unix.SetsockoptString(from, unix.IPPROTO_TCP, unix.TCP_CONGESTION, algorithm); err != nil {
		return nil, nil, Skip("the kernel has no %s: %v", algorithm, err)
	}
	to := &unix.SockaddrInet4{Port: lossPort, Addr: lossAddr(1)}
	if err := errors.Join(unix.Bind(at, to), unix.Listen(at, 1), unix.Connect(from, to)); err != nil {
		return nil, nil, err
	}
	accepted, _, err := unix.Accept4(at, unix.SOCK_CLOEXEC)
	if err != nil {
		return nil, nil, err
	}
	defer unix.Close(accepted)
	if client, err = conn(from); err != nil {
		return nil, nil, err
	}
	if server, err = conn(accepted); err != nil {
		client.Close()
	}
	return client, server, err
}

func stream() (int, error) { return unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0) }

// conn returns a connection on a duplicate of fd.
func conn(fd int) (net.Conn, error) {
	again, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(again), "socket")
	defer f.Close()
	return net.FileConn(f)
}

// A namespace is a network of its own, and a thread that is in it.
type namespace struct{ do chan func() }

func newNamespace() (*namespace, error) {
	n := &namespace{make(chan func())}
	made := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with the goroutine
		err := unix.Unshare(unix.CLONE_NEWNET)
		made <- err
		for f := range n.do {
			f()
		}
	}()
	if err := <-made; err != nil {
		n.close()
		return nil, err
	}
	return n, nil
}

func (n *namespace) close() { close(n.do) }

// in runs f in the namespace.
func (n *namespace) in(f func() error) error {
	done := make(chan error)
	n.do <- func() { done <- f() }
	return <-done
}

// plug makes a TAP device there.
func (n *namespace) plug(seed uint64, addr [4]byte) (d *ether.Device, err error) {
	err = n.in(func() error {
		const name = "path"
		// A sender waits as for pause frames: what is lost is what was asked for.
		d, err = ether.OpenTAP(ether.Config{Name: fmt.Sprint(name, addr[3]), Seed: seed, Queue: lossFrames, Pause: time.Minute}, name)
		if err != nil {
			return err
		}
		// What one transfer has learnt of the path is not for the next.
		err = errors.Join(
			os.WriteFile("/proc/sys/net/ipv4/tcp_no_metrics_save", []byte("1"), 0),
			up(name, netip.PrefixFrom(netip.AddrFrom4(addr), 24)))
		if err != nil {
			d.Close()
		}
		return err
	})
	return d, err
}

// up gives an interface an address and brings it up.
func up(name string, addr netip.Prefix) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	for _, step := range []struct {
		request uint
		fill    func(*unix.Ifreq)
	}{
		{unix.SIOCSIFADDR, func(i *unix.Ifreq) { i.SetInet4Addr(addr.Addr().AsSlice()) }},
		{unix.SIOCSIFNETMASK, func(i *unix.Ifreq) { i.SetInet4Addr(net.CIDRMask(addr.Bits(), 32)) }},
		{unix.SIOCSIFFLAGS, func(i *unix.Ifreq) { i.SetUint16(unix.IFF_UP | unix.IFF_RUNNING) }},
	} {
		i, err := unix.NewIfreq(name)
		if err != nil {
			return err
		}
		step.fill(i)
		if err := unix.IoctlIfreq(fd, step.request, i); err != nil {
			return fmt.Errorf("interface %s: %w", name, err)
		}
	}
	return nil
}
