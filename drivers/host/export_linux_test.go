//go:build !tinygo

package host

import (
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// Asleep returns how many calls wait on sockfd.
func Asleep(d *Device, sockfd int) int {
	s := d.table.get(sockfd)
	if s == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, w := range s.asleep {
		for ; w != nil; w = w.next {
			n++
		}
	}
	return n
}

// KernelFd returns the kernel's descriptor behind sockfd.
func KernelFd(d *Device, sockfd int) int { return d.table.get(sockfd).fd }

// PlainBind binds a port of the loopback address without SO_REUSEADDR.
func PlainBind(port int) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return unix.Bind(fd, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}})
}

// LimitKernelFds lets the process have n kernel descriptors, until the function
// that it returns is called.
func LimitKernelFds(t testing.TB, n int) (restore func()) {
	t.Helper()
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	limit := old
	limit.Cur = uint64(n)
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	restore = sync.OnceFunc(func() { unix.Setrlimit(unix.RLIMIT_NOFILE, &old) })
	t.Cleanup(restore)
	return restore
}

// DialKernel is what the host's own resolver connects with.
var DialKernel = dialKernel
