package ether

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// OpenTAP returns a device whose far end is a network interface of the kernel,
// which is made if there is none of the name; with an empty name the kernel
// gives one, and Name tells it. Bringing the interface up and giving it an
// address is the caller's part. It needs root, CAP_NET_ADMIN, or an interface
// that was made for the user. An interface that OpenTAP made goes with Close.
func OpenTAP(c Config, name string) (*Device, error) {
	ifr, err := unix.NewIfreq(name)
	if err != nil {
		return nil, fmt.Errorf("ether: TAP %q: %w", name, err)
	}
	// Non-blocking, so that a read is woken by Close.
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: "/dev/net/tun", Err: err}
	}
	ifr.SetUint16(unix.IFF_TAP | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, ifr); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("ether: TAP %q: %w", name, err)
	}
	if c.Name == "" {
		c.Name = ifr.Name()
	}
	f := os.NewFile(uintptr(fd), c.Name)
	d, err := openSocket(c, &socket{
		read:  func(b []byte) (int, bool, error) { n, err := f.Read(b); return n, true, err },
		write: func(b []byte) error { _, err := f.Write(b); return err },
		close: f.Close,
	})
	if err != nil {
		f.Close()
		return nil, err
	}
	return d, nil
}
