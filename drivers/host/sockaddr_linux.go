//go:build !tinygo

package host

import (
	"net/netip"
	"strconv"
	"unsafe"

	"github.com/netdev-go/netdev"
	"golang.org/x/sys/unix"
)

// A sockaddr is an address as the kernel writes it.
type sockaddr struct {
	raw  unix.RawSockaddrAny
	size uint32
}

// set writes addr for a socket of the given family. An IPv4 address is mapped
// on an AF_INET6 socket; an address that is not valid is the wildcard.
func (sa *sockaddr) set(fd, family int, addr netip.AddrPort) error {
	ip := addr.Addr()
	if family == unix.AF_INET {
		ip = ip.Unmap()
		if ip.Is6() {
			return netdev.ErrFamilyNotSupported
		}
		raw := (*unix.RawSockaddrInet4)(unsafe.Pointer(&sa.raw))
		raw.Family = unix.AF_INET
		setPort(&raw.Port, addr.Port())
		raw.Addr = [4]byte{}
		if ip.IsValid() {
			raw.Addr = ip.As4()
		}
		sa.size = unix.SizeofSockaddrInet4
		return nil
	}
	raw := (*unix.RawSockaddrInet6)(unsafe.Pointer(&sa.raw))
	raw.Family = unix.AF_INET6
	raw.Flowinfo = 0
	setPort(&raw.Port, addr.Port())
	raw.Addr, raw.Scope_id = [16]byte{}, 0
	if ip.IsValid() {
		raw.Addr = ip.As16()
	}
	sa.size = unix.SizeofSockaddrInet6
	if zone := ip.Zone(); zone != "" {
		index, err := interfaceIndex(fd, zone)
		if err != nil {
			return err
		}
		raw.Scope_id = uint32(index)
	}
	return nil
}

// addrPort returns the address, unmapped. It is not valid if the kernel gave
// none.
func (sa *sockaddr) addrPort(fd int) netip.AddrPort {
	if sa.size < unix.SizeofSockaddrInet4 {
		return netip.AddrPort{}
	}
	switch sa.raw.Addr.Family {
	case unix.AF_INET:
		raw := (*unix.RawSockaddrInet4)(unsafe.Pointer(&sa.raw))
		return netip.AddrPortFrom(netip.AddrFrom4(raw.Addr), port(&raw.Port))
	case unix.AF_INET6:
		raw := (*unix.RawSockaddrInet6)(unsafe.Pointer(&sa.raw))
		ip := netip.AddrFrom16(raw.Addr).Unmap()
		if raw.Scope_id != 0 && ip.Is6() {
			ip = ip.WithZone(interfaceName(fd, raw.Scope_id))
		}
		return netip.AddrPortFrom(ip, port(&raw.Port))
	}
	return netip.AddrPort{}
}

// The kernel has ports in network byte order.
func setPort(p *uint16, port uint16) {
	b := (*[2]byte)(unsafe.Pointer(p))
	b[0], b[1] = byte(port>>8), byte(port)
}

func port(p *uint16) uint16 {
	b := (*[2]byte)(unsafe.Pointer(p))
	return uint16(b[0])<<8 | uint16(b[1])
}

// interfaceIndex returns the index of the interface that zone names, or spells
// as a number. Any socket will do as fd.
func interfaceIndex(fd int, zone string) (int, error) {
	ifr, err := unix.NewIfreq(zone)
	if err == nil {
		if err = unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, ifr); err == nil {
			return int(int32(ifr.Uint32())), nil
		}
	}
	if n, err := strconv.ParseUint(zone, 10, 31); err == nil && n > 0 {
		return int(n), nil
	}
	return 0, mapError(err)
}

func interfaceName(fd int, index uint32) string {
	if ifr, err := unix.NewIfreq("?"); err == nil {
		ifr.SetUint32(index)
		if unix.IoctlIfreq(fd, unix.SIOCGIFNAME, ifr) == nil {
			return ifr.Name()
		}
	}
	return strconv.FormatUint(uint64(index), 10)
}
