//go:build !tinygo

package host

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// SetSockOptRaw gives the kernel an option's value as it stands. The error is
// the kernel's, not the contract's.
func (d *Device) SetSockOptRaw(sockfd, level, opt int, value []byte) error {
	s, err := d.use(sockfd)
	if err != nil {
		return err
	}
	defer s.release()
	if level == unix.SOL_SOCKET && opt == unix.SO_REUSEADDR {
		s.reuseSet.Store(true)
	}
	if errno := setsockopt(s.fd, level, opt, value); errno != 0 {
		return errno
	}
	return nil
}

// GetSockOptRaw has the kernel write an option's value, and returns its length.
// The error is the kernel's, not the contract's.
func (d *Device) GetSockOptRaw(sockfd, level, opt int, value []byte) (int, error) {
	s, err := d.use(sockfd)
	if err != nil {
		return 0, err
	}
	defer s.release()
	n, errno := getsockopt(s.fd, level, opt, value)
	if errno != 0 {
		return 0, errno
	}
	if level == unix.SOL_SOCKET && opt == unix.SO_ERROR && n == 4 {
		s.connError(unix.Errno(binary.NativeEndian.Uint32(value)))
	}
	return n, nil
}
