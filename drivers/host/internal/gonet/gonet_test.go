//go:build !tinygo

package gonet

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
)

var (
	never   time.Time
	anyPort = netip.MustParseAddrPort("127.0.0.1:0")
)

func soon() time.Time { return time.Now().Add(10 * time.Second) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantErr(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error %v, want %v", what, err, want)
	}
}

func socketOf(t testing.TB, d *Device, stype int) int {
	t.Helper()
	fd, err := d.Socket(netdev.AF_INET, stype, 0)
	must(t, err)
	t.Cleanup(func() { d.Close(fd) })
	return fd
}

func bound(t testing.TB, d *Device, stype int) (int, netip.AddrPort) {
	t.Helper()
	fd := socketOf(t, d, stype)
	must(t, d.Bind(fd, anyPort))
	addr, err := d.GetSockName(fd)
	must(t, err)
	return fd, addr
}

// pair connects a socket of the device to a connection of Go's own net.
func pair(t testing.TB, d *Device) (int, *net.TCPConn) {
	t.Helper()
	l, err := net.ListenTCP("tcp4", net.TCPAddrFromAddrPort(anyPort))
	must(t, err)
	defer l.Close()
	fd := socketOf(t, d, netdev.SOCK_STREAM)
	must(t, d.Connect(fd, "", l.Addr().(*net.TCPAddr).AddrPort()))
	c, err := l.AcceptTCP()
	must(t, err)
	t.Cleanup(func() { c.Close() })
	return fd, c
}

type result struct {
	n   int
	err error
}

func start(f func() (int, error)) <-chan result {
	c := make(chan result, 1)
	go func() {
		n, err := f()
		c <- result{n, err}
	}()
	return c
}

func wait(t testing.TB, what string, c <-chan result) result {
	t.Helper()
	select {
	case r := <-c:
		return r
	case <-time.After(10 * time.Second):
		t.Fatalf("%s did not return", what)
		return result{}
	}
}

func TestStream(t *testing.T) {
	d := New()
	lfd, addr := bound(t, d, netdev.SOCK_STREAM)
	must(t, d.Listen(lfd, 4))
	c, err := net.Dial("tcp4", addr.String())
	must(t, err)
	defer c.Close()
	fd, from, err := d.Accept(lfd)
	must(t, err)
	defer d.Close(fd)
	if from.String() != c.LocalAddr().String() {
		t.Errorf("Accept = %v, want %v", from, c.LocalAddr())
	}
	if peer, err := d.GetPeerName(fd); peer != from || err != nil {
		t.Errorf("GetPeerName = %v, %v", peer, err)
	}
	if n, err := d.Send(fd, []byte("hello"), 0, soon()); n != 5 || err != nil {
		t.Fatalf("Send = %d, %v", n, err)
	}
	buf := make([]byte, 16)
	if n, err := c.Read(buf); string(buf[:n]) != "hello" || err != nil {
		t.Fatalf("peer read %q, %v", buf[:n], err)
	}
	c.Write([]byte("answer"))
	c.(*net.TCPConn).CloseWrite()
	if n, err := d.Recv(fd, buf, 0, soon()); string(buf[:n]) != "answer" || err != nil {
		t.Fatalf("Recv = %q, %v", buf[:n], err)
	}
	if n, err := d.Recv(fd, buf, 0, soon()); n != 0 || err != io.EOF {
		t.Errorf("Recv = %d, %v, want EOF", n, err)
	}
	must(t, d.Shutdown(fd, netdev.SHUT_WR))
	if _, err := c.Read(buf); err != io.EOF {
		t.Errorf("peer: %v, want EOF", err)
	}
	_, err = d.Send(fd, buf, 0, soon())
	wantErr(t, "Send after SHUT_WR", err, netdev.ErrBrokenPipe)
}

func TestDeadlineBelongsToItsCall(t *testing.T) {
	d := New()
	fd, c := pair(t, d)
	long := start(func() (int, error) { return d.Recv(fd, make([]byte, 1), 0, soon()) })
	short := start(func() (int, error) {
		return d.Recv(fd, make([]byte, 1), 0, time.Now().Add(20*time.Millisecond))
	})
	if r := wait(t, "short Recv", short); r.n != 0 || r.err != netdev.ErrTimeout {
		t.Errorf("short Recv = %d, %v", r.n, r.err)
	}
	c.Write([]byte("x"))
	if r := wait(t, "long Recv", long); r.n != 1 || r.err != nil {
		t.Errorf("long Recv = %d, %v", r.n, r.err)
	}
	c.Write([]byte("y"))
	if _, err := d.Recv(fd, make([]byte, 1), 0, time.Now().Add(-1)); err != netdev.ErrTimeout {
		t.Errorf("Recv past its deadline: %v", err)
	}
	if n, err := d.Recv(fd, make([]byte, 1), 0, never); n != 1 || err != nil {
		t.Errorf("Recv after it = %d, %v", n, err)
	}
}

func TestSendReportsWhatAStalledReaderLeft(t *testing.T) {
	d := New()
	fd, c := pair(t, d)
	sent, err := d.Send(fd, make([]byte, 64<<20), 0, time.Now().Add(30*time.Millisecond))
	if err != netdev.ErrTimeout || sent == 0 || sent == 64<<20 {
		t.Fatalf("Send = %d, %v", sent, err)
	}
	must(t, d.Close(fd))
	got, err := io.Copy(io.Discard, c)
	if got != int64(sent) || err != nil {
		t.Errorf("peer read %d, %v, Send said %d", got, err, sent)
	}
}

func TestEndWakesBlockedCalls(t *testing.T) {
	for name, end := range map[string]struct {
		f    func(d *Device, fd int)
		want error
	}{
		"Close":         {func(d *Device, fd int) { d.Close(fd) }, net.ErrClosed},
		"NetDisconnect": {func(d *Device, _ int) { d.NetDisconnect() }, netdev.ErrNetDown},
	} {
		t.Run(name, func(t *testing.T) {
			d := New()
			tcp, _ := pair(t, d)
			udp, _ := bound(t, d, netdev.SOCK_DGRAM)
			lfd, _ := bound(t, d, netdev.SOCK_STREAM)
			must(t, d.Listen(lfd, 1))
			for fd, call := range map[int]func() (int, error){
				tcp: func() (int, error) { return d.Recv(tcp, make([]byte, 1), 0, never) },
				udp: func() (int, error) { return d.Recv(udp, make([]byte, 1), 0, soon()) },
				lfd: func() (int, error) { n, _, err := d.Accept(lfd); return n, err },
			} {
				first, second := start(call), start(call)
				end.f(d, fd)
				for _, c := range []<-chan result{first, second} {
					// Which of them had begun is not known.
					if r := wait(t, "the call", c); !errors.Is(r.err, end.want) && r.err != netdev.ErrInvalidSocketFd {
						t.Errorf("%d, %v, want %v", r.n, r.err, end.want)
					}
				}
			}
		})
	}
}

func TestShutdownWakesBlockedCalls(t *testing.T) {
	d := New()
	fd, _ := pair(t, d)
	recv := start(func() (int, error) { return d.Recv(fd, make([]byte, 1), 0, never) })
	send := start(func() (int, error) { return d.Send(fd, make([]byte, 64<<20), 0, never) })
	must(t, d.Shutdown(fd, netdev.SHUT_RDWR))
	if r := wait(t, "Recv", recv); r.err != io.EOF {
		t.Errorf("Recv: %v", r.err)
	}
	if r := wait(t, "Send", send); r.err != netdev.ErrBrokenPipe {
		t.Errorf("Send: %v", r.err)
	}
}

func TestResetIsNeverEOF(t *testing.T) {
	d := New()
	fd, c := pair(t, d)
	must(t, c.SetLinger(0))
	must(t, c.Close())
	for range 3 {
		_, err := d.Recv(fd, make([]byte, 1), 0, soon())
		wantErr(t, "Recv", err, netdev.ErrConnReset)
	}
}

func TestErrors(t *testing.T) {
	d := New()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	must(t, err)
	used := netip.MustParseAddrPort(l.Addr().String())
	fd := socketOf(t, d, netdev.SOCK_STREAM)
	wantErr(t, "Bind", d.Bind(fd, used), netdev.ErrAddrInUse)
	l.Close()
	wantErr(t, "Connect", d.Connect(fd, "", used), netdev.ErrConnRefused)
	wantErr(t, "Connect to nothing", d.Connect(fd, "", netip.AddrPort{}), netdev.ErrDestAddrRequired)
	wantErr(t, "Connect to IPv6", d.Connect(fd, "", netip.MustParseAddrPort("[::1]:1")), netdev.ErrFamilyNotSupported)
	wantErr(t, "Connect to no name", d.Connect(fd, "name.invalid", netip.AddrPortFrom(netip.Addr{}, 1)), netdev.ErrHostUnknown)
	_, err = d.Send(fd, []byte("x"), 0, never)
	wantErr(t, "Send", err, netdev.ErrNotConnected)
	_, err = d.Recv(fd, make([]byte, 1), 0, never)
	wantErr(t, "Recv", err, netdev.ErrNotConnected)
	_, _, err = d.Accept(fd)
	wantErr(t, "Accept", err, netdev.ErrInvalid)
	_, err = d.GetPeerName(fd)
	wantErr(t, "GetPeerName", err, netdev.ErrNotConnected)
	_, err = d.Recv(fd, nil, netdev.MSG_PEEK, never)
	wantErr(t, "a flag", err, netdev.ErrNotSupported)
	_, err = d.Socket(netdev.AF_INET, netdev.SOCK_STREAM, netdev.IPPROTO_TLS)
	wantErr(t, "TLS", err, netdev.ErrProtocolNotSupported)
	_, err = d.Socket(netdev.AF_INET, netdev.SOCK_RAW, 1)
	wantErr(t, "raw", err, netdev.ErrProtocolNotSupported)
	_, err = d.Socket(99, netdev.SOCK_STREAM, 0)
	wantErr(t, "family", err, netdev.ErrFamilyNotSupported)
	udp := socketOf(t, d, netdev.SOCK_DGRAM)
	wantErr(t, "Listen", d.Listen(udp, 1), netdev.ErrNotSupported)
	_, err = d.Send(udp, nil, 0, never)
	wantErr(t, "Send without a peer", err, netdev.ErrDestAddrRequired)
	_, err = d.SendTo(udp, make([]byte, 65508), 0, netip.MustParseAddrPort("127.0.0.1:9"), never)
	wantErr(t, "SendTo", err, netdev.ErrMessageTooLong)
	for _, bad := range []int{-1, 99, 1 << 40} {
		_, err = d.Recv(bad, nil, 0, never)
		wantErr(t, "Recv", err, netdev.ErrInvalidSocketFd)
		wantErr(t, "Close", d.Close(bad), netdev.ErrInvalidSocketFd)
	}
}

func TestDatagrams(t *testing.T) {
	d := New()
	fd, addr := bound(t, d, netdev.SOCK_DGRAM)
	c, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(anyPort))
	must(t, err)
	defer c.Close()
	peer := c.LocalAddr().(*net.UDPAddr).AddrPort()
	if n, err := d.SendTo(fd, []byte("abc"), 0, peer, soon()); n != 3 || err != nil {
		t.Fatalf("SendTo = %d, %v", n, err)
	}
	buf := make([]byte, 8)
	n, from, err := c.ReadFromUDPAddrPort(buf)
	if string(buf[:n]) != "abc" || from != addr || err != nil {
		t.Fatalf("peer read %q from %v, %v", buf[:n], from, err)
	}
	for _, sent := range []string{"too long for it", "", "ok"} {
		c.WriteToUDPAddrPort([]byte(sent), addr)
		n, from, err := d.RecvFrom(fd, buf, 0, soon())
		if string(buf[:n]) != sent[:min(8, len(sent))] || from != peer || err != nil {
			t.Errorf("RecvFrom = %q from %v, %v, want %q", buf[:n], from, err, sent)
		}
	}

	// A blocked call does not notice that Connect changes the socket below.
	recv := start(func() (int, error) { return d.Recv(fd, make([]byte, 8), 0, soon()) })
	must(t, d.Connect(fd, "", peer))
	if again, err := d.GetSockName(fd); again != addr || err != nil {
		t.Errorf("GetSockName = %v, %v, want %v as before", again, err, addr)
	}
	c.WriteToUDPAddrPort([]byte("friend"), addr)
	if r := wait(t, "Recv", recv); r.n != 6 || r.err != nil {
		t.Errorf("Recv = %d, %v", r.n, r.err)
	}
	_, err = d.SendTo(fd, []byte("x"), 0, netip.MustParseAddrPort("127.0.0.1:9"), soon())
	wantErr(t, "SendTo another", err, netdev.ErrIsConnected)
	if n, err := d.Send(fd, []byte("x"), 0, soon()); n != 1 || err != nil {
		t.Errorf("Send = %d, %v", n, err)
	}
	if n, err := d.SendTo(fd, []byte("x"), 0, peer, soon()); n != 1 || err != nil {
		t.Errorf("SendTo the peer = %d, %v", n, err)
	}
}

func TestConnectFromABoundPort(t *testing.T) {
	d := New()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	fd, addr := bound(t, d, netdev.SOCK_STREAM)
	must(t, d.Connect(fd, "", netip.MustParseAddrPort(l.Addr().String())))
	c, err := l.Accept()
	must(t, err)
	defer c.Close()
	if c.RemoteAddr().String() != addr.String() {
		t.Errorf("came from %v, want %v", c.RemoteAddr(), addr)
	}
	wantErr(t, "second Connect", d.Connect(fd, "", addr), netdev.ErrIsConnected)
}

func TestConnectContextThatIsDone(t *testing.T) {
	d := New()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := d.ConnectContext(ctx, socketOf(t, d, netdev.SOCK_STREAM), "", netip.MustParseAddrPort("127.0.0.1:1"))
	wantErr(t, "ConnectContext", err, context.Canceled)
}

func TestOptions(t *testing.T) {
	d := New()
	tcp, c := pair(t, d)
	udp, _ := bound(t, d, netdev.SOCK_DGRAM)
	fresh := socketOf(t, d, netdev.SOCK_STREAM)
	for _, test := range []struct {
		fd, level, opt int
		value          any
		want           error
	}{
		{tcp, netdev.SOL_TCP, netdev.TCP_NODELAY, true, nil},
		{tcp, netdev.SOL_TCP, netdev.TCP_KEEPIDLE, 30, nil},
		{tcp, netdev.SOL_TCP, netdev.TCP_KEEPINTVL, 30.0, nil},
		{tcp, netdev.SOL_TCP, netdev.TCP_KEEPCNT, 3, nil},
		{tcp, netdev.SOL_TCP, netdev.TCP_KEEPCNT, -3, netdev.ErrInvalid},
		{tcp, netdev.SOL_TCP, netdev.TCP_MAXSEG, 1000, netdev.ErrNotSupported},
		{tcp, netdev.SOL_SOCKET, netdev.SO_KEEPALIVE, true, nil},
		{tcp, netdev.SOL_SOCKET, netdev.SO_KEEPALIVE, "yes", netdev.ErrInvalid},
		{tcp, netdev.SOL_SOCKET, netdev.SO_SNDBUF, 1 << 16, nil},
		{udp, netdev.SOL_SOCKET, netdev.SO_RCVBUF, 1 << 16, nil},
		{udp, netdev.SOL_SOCKET, netdev.SO_BROADCAST, true, nil},
		{udp, netdev.SOL_SOCKET, netdev.SO_BROADCAST, false, netdev.ErrNotSupported},
		{udp, netdev.SOL_TCP, netdev.TCP_NODELAY, true, netdev.ErrNotSupported},
		{tcp, netdev.IPPROTO_IPV6, netdev.IPV6_V6ONLY, true, netdev.ErrInvalid},
		{fresh, netdev.IPPROTO_IPV6, netdev.IPV6_V6ONLY, true, nil},
		{tcp, 77, 77, 77, netdev.ErrNotSupported},
		{tcp, netdev.SOL_SOCKET, netdev.SO_LINGER, 0, nil},
	} {
		if err := d.SetSockOpt(test.fd, test.level, test.opt, test.value); err != test.want {
			t.Errorf("option %d of %d = %v: %v, want %v", test.opt, test.level, test.value, err, test.want)
		}
	}
	must(t, d.Close(tcp))
	if _, err := c.Read(make([]byte, 1)); err == nil || err == io.EOF {
		t.Errorf("peer of a socket that lingers for 0 seconds: %v, want a reset", err)
	}
}

func TestLink(t *testing.T) {
	d := New()
	var events []netlink.Event
	d.NetNotify(func(e netlink.Event) { events = append(events, e) })
	must(t, d.NetConnect(nil))
	wantErr(t, "NetConnect", d.NetConnect(nil), netlink.ErrConnected)
	fd := socketOf(t, d, netdev.SOCK_DGRAM)
	d.NetDisconnect()
	_, err := d.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)
	wantErr(t, "Socket", err, netdev.ErrNetDown)
	_, err = d.GetSockName(fd)
	wantErr(t, "GetSockName", err, netdev.ErrNetDown)
	_, err = d.Addr()
	wantErr(t, "Addr", err, netdev.ErrNetDown)
	must(t, d.NetConnect(nil))
	must(t, d.Close(fd))
	socketOf(t, d, netdev.SOCK_DGRAM)
	if len(events) != 3 || events[1] != netlink.EventNetDown {
		t.Errorf("events %v", events)
	}
}

func TestNames(t *testing.T) {
	ctx := context.Background()
	for _, test := range []struct {
		network, host, want string
		err                 error
	}{
		{"ip", "192.0.2.1", "192.0.2.1", nil},
		{"ip4", "::ffff:192.0.2.1", "192.0.2.1", nil},
		{"ip6", "fe80::1%lo", "fe80::1%lo", nil},
		{"ip4", "::1", "", netdev.ErrHostUnknown},
		{"ip6", "192.0.2.1", "", netdev.ErrHostUnknown},
		{"ip4", "localhost", "127.0.0.1", nil},
		{"udp", "localhost", "", netdev.ErrInvalid},
		{"ip", "", "", netdev.ErrHostUnknown},
		{"ip", "name.INVALID.", "", netdev.ErrHostUnknown},
		{"ip", strings.Repeat("a", 300), "", netdev.ErrHostUnknown},
		{"ip", strings.Repeat("a", 64), "", netdev.ErrHostUnknown},
		{"ip", "a\x00b", "", netdev.ErrHostUnknown},
		{"ip", "a..b", "", netdev.ErrHostUnknown},
	} {
		addrs, err := LookupNetIP(ctx, net.DefaultResolver, test.network, test.host)
		if err != test.err || err == nil && addrs[0].String() != test.want {
			t.Errorf("%s %.20q = %v, %v, want %s, %v", test.network, test.host, addrs, err, test.want, test.err)
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := LookupNetIP(ctx, net.DefaultResolver, "ip", "localhost"); err != context.Canceled {
		t.Errorf("with a context that is done: %v", err)
	}
}

func TestAddressesAreThoseOfTheInterfaces(t *testing.T) {
	list, err := Interfaces()
	must(t, err)
	addr, err := Addr()
	must(t, err)
	mac, macErr := HardwareAddr()
	found, hasMAC := false, false
	for _, i := range list {
		hasMAC = hasMAC || macErr == nil && bytes.Equal(i.HardwareAddr, mac)
		for _, p := range i.Addrs {
			found = found || p.Addr() == addr
		}
	}
	if !found {
		t.Errorf("Addr = %v, which no interface has", addr)
	}
	if !hasMAC && macErr != netlink.ErrNotSupported {
		t.Errorf("HardwareAddr = %v, %v", mac, macErr)
	}
}
