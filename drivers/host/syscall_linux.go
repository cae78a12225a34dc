//go:build !tinygo

package host

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The calls below exist in package unix too, but there they allocate an
// address for every datagram, or hide how many bytes were sent.

func sendto(fd int, buf []byte, flags int, to *sockaddr) (int, unix.Errno) {
	var raw *unix.RawSockaddrAny
	var size uint32
	if to != nil {
		raw, size = &to.raw, to.size
	}
	n, _, errno := unix.Syscall6(unix.SYS_SENDTO, uintptr(fd),
		uintptr(unsafe.Pointer(unsafe.SliceData(buf))), uintptr(len(buf)), uintptr(flags),
		uintptr(unsafe.Pointer(raw)), uintptr(size))
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

func recvfrom(fd int, buf []byte, flags int, from *sockaddr) (int, unix.Errno) {
	var raw *unix.RawSockaddrAny
	var size *uint32
	if from != nil {
		from.size = unix.SizeofSockaddrAny
		raw, size = &from.raw, &from.size
	}
	n, _, errno := unix.Syscall6(unix.SYS_RECVFROM, uintptr(fd),
		uintptr(unsafe.Pointer(unsafe.SliceData(buf))), uintptr(len(buf)), uintptr(flags),
		uintptr(unsafe.Pointer(raw)), uintptr(unsafe.Pointer(size)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

func accept(fd int, from *sockaddr) (int, unix.Errno) {
	from.size = unix.SizeofSockaddrAny
	nfd, _, errno := unix.Syscall6(unix.SYS_ACCEPT4, uintptr(fd),
		uintptr(unsafe.Pointer(&from.raw)), uintptr(unsafe.Pointer(&from.size)),
		unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0, 0)
	if errno != 0 {
		return -1, errno
	}
	return int(nfd), 0
}

func connect(fd int, to *sockaddr) unix.Errno {
	_, _, errno := unix.Syscall(unix.SYS_CONNECT, uintptr(fd),
		uintptr(unsafe.Pointer(&to.raw)), uintptr(to.size))
	return errno
}

func bind(fd int, to *sockaddr) unix.Errno {
	_, _, errno := unix.Syscall(unix.SYS_BIND, uintptr(fd),
		uintptr(unsafe.Pointer(&to.raw)), uintptr(to.size))
	return errno
}

func getsockname(fd int, name *sockaddr) unix.Errno {
	name.size = unix.SizeofSockaddrAny
	_, _, errno := unix.RawSyscall(unix.SYS_GETSOCKNAME, uintptr(fd),
		uintptr(unsafe.Pointer(&name.raw)), uintptr(unsafe.Pointer(&name.size)))
	return errno
}

func getpeername(fd int, name *sockaddr) unix.Errno {
	name.size = unix.SizeofSockaddrAny
	_, _, errno := unix.RawSyscall(unix.SYS_GETPEERNAME, uintptr(fd),
		uintptr(unsafe.Pointer(&name.raw)), uintptr(unsafe.Pointer(&name.size)))
	return errno
}

func getsockopt(fd, level, opt int, value []byte) (int, unix.Errno) {
	size := uint32(len(value))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), uintptr(level), uintptr(opt),
		uintptr(unsafe.Pointer(unsafe.SliceData(value))), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		return 0, errno
	}
	return int(size), 0
}

func setsockopt(fd, level, opt int, value []byte) unix.Errno {
	_, _, errno := unix.Syscall6(unix.SYS_SETSOCKOPT, uintptr(fd), uintptr(level), uintptr(opt),
		uintptr(unsafe.Pointer(unsafe.SliceData(value))), uintptr(len(value)), 0)
	return errno
}
