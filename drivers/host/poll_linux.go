//go:build !tinygo

package host

import (
	"github.com/netdev-go/netdev"
	"golang.org/x/sys/unix"
)

// Poll returns what sockfd is ready for now. A stream that neither connects nor
// listens is ready for nothing.
func (d *Device) Poll(sockfd int) (netdev.PollEvents, error) {
	s, err := d.use(sockfd)
	if err != nil {
		return 0, err
	}
	defer s.release()
	if s.stype == unix.SOCK_STREAM && s.role.Load() == roleNone {
		return 0, nil
	}
	fds := [1]unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLIN | unix.POLLOUT}}
	_, err = unix.Poll(fds[:], 0)
	for err == unix.EINTR {
		_, err = unix.Poll(fds[:], 0)
	}
	if err != nil {
		return 0, mapError(err)
	}
	// The numbers of PollEvents are the kernel's.
	return netdev.PollEvents(fds[0].Revents) & (netdev.PollIn | netdev.PollOut | netdev.PollErr | netdev.PollHup), nil
}

// PollNotify has f called at every edge that the kernel reports, and when the
// socket ends. When it returns, the function before f is not running and will
// not be called again.
func (d *Device) PollNotify(sockfd int, f func()) error {
	s, err := d.use(sockfd)
	if err != nil {
		return err
	}
	defer s.release()
	s.setNotify(f)
	return nil
}

// SetNonblock makes the calls on sockfd return instead of waiting.
func (d *Device) SetNonblock(sockfd int, nonblocking bool) error {
	s, err := d.use(sockfd)
	if err != nil {
		return err
	}
	defer s.release()
	s.nonblock.Store(nonblocking)
	return nil
}
