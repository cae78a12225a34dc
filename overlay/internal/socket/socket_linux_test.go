package socket

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
	"github.com/netdev-go/netdev/internal/bare"
	"github.com/netdev-go/netdev/sim"
)

var devices = map[string]func() netdev.Netdever{
	"host": func() netdev.Netdever { return host.New() },
	"bare": func() netdev.Netdever { return bare.Device(host.New()) },
}

func each(t *testing.T, test func(t *testing.T, dev netdev.Netdever)) {
	for name, device := range devices {
		t.Run(name, func(t *testing.T) { test(t, device()) })
	}
}

// open returns a socket and its one descriptor.
func open(t *testing.T, dev netdev.Netdever, typ int) (int, *Socket) {
	t.Helper()
	fd, s, err := New(dev, unix.AF_INET, typ, 0)
	if err != nil {
		t.Fatal(err)
	}
	return fd, s
}

func shut(fd int, s *Socket) {
	s.Close(fd)
	unix.Close(fd)
}

func listen(t *testing.T) *net.TCPListener {
	t.Helper()
	ln, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return ln
}

// A descriptor without O_NONBLOCK waits, as the kernel's does.
func TestBlockingDescriptorWaits(t *testing.T) {
	each(t, func(t *testing.T, dev netdev.Netdever) {
		ln := listen(t)
		fd, s := open(t, dev, unix.SOCK_STREAM|unix.SOCK_CLOEXEC)
		if err := s.Connect(ln.Addr().(*net.TCPAddr).AddrPort()); err != nil {
			t.Fatal(err)
		}
		peer, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer peer.Close()
		got := make(chan string)
		go func() {
			p := make([]byte, 10)
			n, _, err := s.Recv(p, 0)
			if err != nil {
				t.Error(err)
			}
			got <- string(p[:n])
			n, _, err = s.Recv(p, 0)
			if n != 0 || err != nil {
				t.Errorf("Recv at the end = %d, %v", n, err)
			}
			got <- ""
		}()
		io.WriteString(peer, "late")
		if text := <-got; text != "late" {
			t.Errorf("Recv = %q", text)
		}
		peer.Close()
		<-got
		shut(fd, s)
	})
}

func TestNonblockingDescriptorDoesNotWait(t *testing.T) {
	each(t, func(t *testing.T, dev netdev.Netdever) {
		ln := listen(t)
		fd, s := open(t, dev, unix.SOCK_STREAM|unix.SOCK_NONBLOCK)
		defer shut(fd, s)
		err := s.Connect(ln.Addr().(*net.TCPAddr).AddrPort())
		if err != unix.EINPROGRESS {
			t.Fatalf("Connect = %v, want EINPROGRESS", err)
		}
		connected(t, fd, s)
		if _, _, err := s.Recv(make([]byte, 1), 0); err != unix.EAGAIN {
			t.Errorf("Recv = %v, want EAGAIN", err)
		}
		local, err := s.Sockname()
		if err != nil {
			t.Fatal(err)
		}
		peer, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer peer.Close()
		if peer.RemoteAddr().String() != local.String() {
			t.Errorf("Sockname = %v, the peer sees %v", local, peer.RemoteAddr())
		}
	})
}

// connected waits as Go's net does: for the descriptor, then SO_ERROR, then the
// peer's name.
func connected(t *testing.T, fd int, s *Socket) {
	t.Helper()
	// In the runtime's poller, which waits for edges.
	f := os.NewFile(uintptr(dup(t, fd)), "eventfd")
	defer f.Close()
	f.SetDeadline(time.Now().Add(10 * time.Second))
	raw, err := f.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	err = raw.Write(func(uintptr) bool {
		val := make([]byte, 4)
		if _, err := s.Getsockopt(unix.SOL_SOCKET, unix.SO_ERROR, val); err != nil {
			t.Error(err)
			return true
		}
		if errno := binary.NativeEndian.Uint32(val); errno != 0 {
			t.Errorf("SO_ERROR = %v", unix.Errno(errno))
			return true
		}
		_, err := s.Peername()
		return err != unix.ENOTCONN
	})
	if err != nil {
		t.Fatal(err)
	}
}

func dup(t *testing.T, fd int) int {
	t.Helper()
	nfd, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	return nfd
}

func TestRefusedConnectIsInSoError(t *testing.T) {
	each(t, func(t *testing.T, dev netdev.Netdever) {
		ln := listen(t)
		addr := ln.Addr().(*net.TCPAddr).AddrPort()
		ln.Close()
		fd, s := open(t, dev, unix.SOCK_STREAM)
		defer shut(fd, s)
		if err := s.Connect(addr); err != unix.ECONNREFUSED {
			t.Errorf("Connect = %v, want ECONNREFUSED", err)
		}
	})
}

// The socket lives as long as one of its descriptors.
func TestLastDescriptorClosesTheSocket(t *testing.T) {
	each(t, func(t *testing.T, dev netdev.Netdever) {
		ln := listen(t)
		fd, s := open(t, dev, unix.SOCK_STREAM)
		if err := s.Connect(ln.Addr().(*net.TCPAddr).AddrPort()); err != nil {
			t.Fatal(err)
		}
		peer, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer peer.Close()
		second := dup(t, fd)
		s.Dup(second)
		shut(fd, s)
		if n, err := s.Send([]byte("still here"), 0, netip.AddrPort{}); n != 10 || err != nil {
			t.Errorf("Send = %d, %v", n, err)
		}
		shut(second, s)
		got, err := io.ReadAll(peer)
		if string(got) != "still here" || err != nil {
			t.Errorf("the peer read %q, %v", got, err)
		}
	})
}

func TestAcceptedSocketIsOne(t *testing.T) {
	each(t, func(t *testing.T, dev netdev.Netdever) {
		fd, s := open(t, dev, unix.SOCK_STREAM)
		defer shut(fd, s)
		if err := s.Bind(netip.MustParseAddrPort("127.0.0.1:0")); err != nil {
			t.Fatal(err)
		}
		if err := s.Listen(8); err != nil {
			t.Fatal(err)
		}
		addr, err := s.Sockname()
		if err != nil {
			t.Fatal(err)
		}
		peer, err := net.Dial("tcp4", addr.String())
		if err != nil {
			t.Fatal(err)
		}
		defer peer.Close()
		cfd, conn, from, err := s.Accept(unix.SOCK_NONBLOCK | unix.SOCK_CLOEXEC)
		if err != nil {
			t.Fatal(err)
		}
		defer shut(cfd, conn)
		if from.String() != peer.LocalAddr().String() {
			t.Errorf("Accept gave %v, the peer is %v", from, peer.LocalAddr())
		}
		if fl, _ := unix.FcntlInt(uintptr(cfd), unix.F_GETFL, 0); fl&unix.O_NONBLOCK == 0 {
			t.Error("the accepted descriptor blocks")
		}
		if fl, _ := unix.FcntlInt(uintptr(cfd), unix.F_GETFD, 0); fl&unix.FD_CLOEXEC == 0 {
			t.Error("the accepted descriptor is inherited")
		}
		val := make([]byte, 4)
		for opt, want := range map[int]uint32{unix.SO_TYPE: unix.SOCK_STREAM, unix.SO_DOMAIN: unix.AF_INET, unix.SO_PROTOCOL: unix.IPPROTO_TCP, unix.SO_ACCEPTCONN: 0} {
			if _, err := conn.Getsockopt(unix.SOL_SOCKET, opt, val); err != nil || binary.NativeEndian.Uint32(val) != want {
				t.Errorf("option %d is %d, %v; want %d", opt, binary.NativeEndian.Uint32(val), err, want)
			}
		}
	})
}

func TestEveryDatagramGoesOutByItself(t *testing.T) {
	dev := host.New()
	fd, s := open(t, dev, unix.SOCK_DGRAM)
	defer shut(fd, s)
	if err := s.Bind(netip.MustParseAddrPort("127.0.0.1:0")); err != nil {
		t.Fatal(err)
	}
	addr, _ := s.Sockname()
	for _, text := range []string{"one", "", "three"} {
		if n, err := s.Send([]byte(text), 0, addr); n != len(text) || err != nil {
			t.Fatalf("Send = %d, %v", n, err)
		}
	}
	p := make([]byte, 100)
	for _, want := range []string{"one", "", "three"} {
		n, from, err := s.Recv(p, 0)
		if string(p[:n]) != want || from != addr || err != nil {
			t.Errorf("Recv = %q from %v, %v; want %q", p[:n], from, err, want)
		}
	}
}

func TestDatagramAddressesNeedTheCapability(t *testing.T) {
	fd, s := open(t, bare.Device(host.New()), unix.SOCK_DGRAM)
	defer shut(fd, s)
	if _, err := s.Send([]byte("x"), 0, netip.MustParseAddrPort("127.0.0.1:9")); err != unix.EOPNOTSUPP {
		t.Errorf("Send = %v, want EOPNOTSUPP", err)
	}
}

func TestOptionsGoBothWays(t *testing.T) {
	each(t, func(t *testing.T, dev netdev.Netdever) {
		fd, s := open(t, dev, unix.SOCK_STREAM)
		defer shut(fd, s)
		one := binary.NativeEndian.AppendUint32(nil, 1)
		if err := s.Setsockopt(unix.SOL_SOCKET, unix.SO_KEEPALIVE, one); err != nil {
			t.Errorf("SO_KEEPALIVE: %v", err)
		}
		linger := append(bytes.Clone(one), binary.NativeEndian.AppendUint32(nil, 5)...)
		if err := s.Setsockopt(unix.SOL_SOCKET, unix.SO_LINGER, linger); err != nil {
			t.Errorf("SO_LINGER: %v", err)
		}
		if err := s.Setsockopt(unix.SOL_SOCKET, unix.SO_LINGER, one[:2]); err != unix.EINVAL {
			t.Errorf("a short SO_LINGER: %v, want EINVAL", err)
		}
		if err := s.Setsockopt(unix.SOL_SOCKET, 9999, one); err != unix.ENOPROTOOPT {
			t.Errorf("an unknown option: %v, want ENOPROTOOPT", err)
		}
	})
}

// The congestion control is a name, which the kernel pads to sixteen bytes.
func TestTheCongestionControlIsAName(t *testing.T) {
	dev := stacked(t)
	fd, s := open(t, dev, unix.SOCK_STREAM)
	defer shut(fd, s)
	for _, c := range []struct {
		set  string
		err  error
		want string
	}{
		{"bbr", nil, "bbr"},
		{"reno\x00", nil, "reno"},
		{"vegas", unix.ENOENT, "reno"},
		{"", unix.EINVAL, "reno"},
		{"cubic\x00 and what is behind it", nil, "cubic"},
	} {
		if err := s.Setsockopt(unix.IPPROTO_TCP, unix.TCP_CONGESTION, []byte(c.set)); err != c.err {
			t.Errorf("%q: %v, want %v", c.set, err, c.err)
		}
		for _, room := range []int{64, 16, 4} {
			val := bytes.Repeat([]byte{0xA5}, room)
			n, err := s.Getsockopt(unix.IPPROTO_TCP, unix.TCP_CONGESTION, val)
			want := append([]byte(c.want), make([]byte, 16)...)[:min(room, 16)]
			if err != nil || !bytes.Equal(val[:n], want) {
				t.Errorf("with room for %d: %q, %v; want %q", room, val[:n], err, want)
			}
		}
	}
}

// stacked returns a device whose options are values of the contract's.
func stacked(t *testing.T) netdev.Netdever {
	t.Helper()
	board, err := sim.Boot(sim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { board.Stop() })
	return board
}

func TestErrno(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want error
	}{
		{nil, nil},
		{netdev.ErrWouldBlock, unix.EAGAIN},
		{netdev.ErrInProgress, unix.EINPROGRESS},
		{netdev.ErrConnRefused, unix.ECONNREFUSED},
		{netdev.ErrNoMoreSockets, unix.EMFILE},
		{netdev.ErrNotSupported, unix.EOPNOTSUPP},
		{netdev.ErrFamilyNotSupported, unix.EAFNOSUPPORT},
		{netdev.ErrInvalidSocketFd, unix.EBADF},
		{netdev.ErrTimeout, unix.ETIMEDOUT},
		{netdev.ErrNetdevNotSet, unix.ENETDOWN},
		{net.ErrClosed, unix.EBADF},
		{&os.SyscallError{Syscall: "x", Err: unix.ENOMEM}, unix.ENOMEM},
		{unix.EPERM, unix.EPERM},
		{errors.New("chip on fire"), unix.EIO},
	} {
		if got := Errno(tt.err); got != tt.want {
			t.Errorf("Errno(%v) = %v, want %v", tt.err, got, tt.want)
		}
	}
}
