//go:build !tinygo

package gonet

import (
	"net"

	"golang.org/x/sys/windows"
)

// alive reports whether c has a peer still. One that was reset in the backlog
// has none.
func alive(c *net.TCPConn) bool {
	raw, err := c.SyscallConn()
	if err != nil {
		return false
	}
	var peerErr error
	err = raw.Control(func(fd uintptr) { _, peerErr = windows.Getpeername(windows.Handle(fd)) })
	return err == nil && peerErr == nil
}
