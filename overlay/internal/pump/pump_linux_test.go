package pump

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
	"github.com/netdev-go/netdev/internal/bare"
)

// The peers are the standard library's, on the kernel's loopback.

func device(t *testing.T, dev netdev.Netdever) *Device {
	t.Helper()
	d, _ := Poller(dev)
	return d.(*Device)
}

// pollable waits until Poll says one of the events.
func pollable(t *testing.T, d *Device, fd int, want netdev.PollEvents) {
	t.Helper()
	changed := make(chan struct{}, 1)
	if err := d.PollNotify(fd, func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}); err != nil {
		t.Fatal(err)
	}
	timeout := time.NewTimer(10 * time.Second)
	defer timeout.Stop()
	for {
		ev, err := d.Poll(fd)
		if err != nil || ev&want != 0 {
			return
		}
		select {
		case <-changed:
		case <-timeout.C:
			t.Fatalf("Poll = %#x, never %#x", ev, want)
		}
	}
}

func open(t *testing.T, d *Device, stype int) int {
	t.Helper()
	fd, err := d.Socket(netdev.AF_INET, stype, 0)
	if err == nil {
		err = d.SetNonblock(fd, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	return fd
}

// dial connects to addr through the pump.
func dial(t *testing.T, d *Device, addr net.Addr) int {
	t.Helper()
	fd := open(t, d, netdev.SOCK_STREAM)
	to := addr.(*net.TCPAddr).AddrPort()
	if err := d.Connect(fd, "", to); err != netdev.ErrInProgress {
		t.Fatalf("Connect = %v, want ErrInProgress", err)
	}
	pollable(t, d, fd, netdev.PollOut)
	if err := d.Connect(fd, "", to); err != nil {
		t.Fatal(err)
	}
	return fd
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return ln
}

func sendAll(t *testing.T, d *Device, fd int, data []byte) {
	t.Helper()
	for len(data) > 0 {
		n, err := d.Send(fd, data, 0, time.Time{})
		data = data[n:]
		if err == netdev.ErrWouldBlock {
			pollable(t, d, fd, netdev.PollOut)
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func recv(t *testing.T, d *Device, fd int, p []byte) (int, error) {
	t.Helper()
	for {
		n, err := d.Recv(fd, p, 0, time.Time{})
		if err != netdev.ErrWouldBlock {
			return n, err
		}
		pollable(t, d, fd, netdev.PollIn)
	}
}

func TestStreamKeepsEveryByte(t *testing.T) {
	d := device(t, bare.Device(host.New()))
	ln := listen(t)
	go func() {
		conn, err := ln.Accept()
		if err == nil {
			io.Copy(conn, conn)
			conn.Close()
		}
	}()
	fd := dial(t, d, ln.Addr())
	defer d.Close(fd)

	data := make([]byte, 1<<20)
	rng := rand.NewChaCha8([32]byte{1})
	rng.Read(data)
	got := sha256.New()
	done := make(chan int)
	go func() {
		sum, p := 0, make([]byte, 3000)
		for sum < len(data) {
			n, err := recv(t, d, fd, p[:1+sum%len(p)])
			if err != nil {
				t.Error(err)
				break
			}
			got.Write(p[:n])
			sum += n
		}
		done <- sum
	}()
	// PollNotify has one function: the sender tries again by itself.
	for rest := data; len(rest) > 0; {
		n, err := d.Send(fd, rest, 0, time.Time{})
		rest = rest[n:]
		if err != nil && err != netdev.ErrWouldBlock {
			t.Fatal(err)
		}
	}
	if sum := <-done; sum != len(data) || [32]byte(got.Sum(nil)) != sha256.Sum256(data) {
		t.Errorf("%d bytes came back, of %d, or others", sum, len(data))
	}
}

func TestCloseSendsWhatSendTook(t *testing.T) {
	d := device(t, bare.Device(host.New()))
	ln := listen(t)
	fd := dial(t, d, ln.Addr())
	conn, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	data := bytes.Repeat([]byte("netdev "), 2000)
	n, err := d.Send(fd, data, 0, time.Time{})
	if n == 0 {
		t.Fatalf("Send = %d, %v", n, err)
	}
	if err := d.Close(fd); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(conn)
	if err != nil || !bytes.Equal(got, data[:n]) {
		t.Errorf("the peer read %d bytes and %v, Send had taken %d", len(got), err, n)
	}
	if _, err := d.Send(fd, data, 0, time.Time{}); !errors.Is(err, netdev.ErrInvalidSocketFd) {
		t.Errorf("Send on a closed socket = %v", err)
	}
}

func TestLingerZeroDropsWhatSendTook(t *testing.T) {
	d := device(t, bare.Device(host.New()))
	ln := listen(t)
	fd := dial(t, d, ln.Addr())
	conn, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := d.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_LINGER, 0); err != nil {
		t.Fatal(err)
	}
	// More than the kernel's buffers take, so that some is still pumped.
	for sent := 0; sent < 16<<20; {
		n, err := d.Send(fd, make([]byte, 1<<16), 0, time.Time{})
		sent += n
		if err == netdev.ErrWouldBlock {
			break
		}
	}
	began := time.Now()
	d.Close(fd)
	if took := time.Since(began); took > flushWait+time.Second {
		t.Errorf("Close took %v", took)
	}
	if _, err := io.Copy(io.Discard, conn); err == nil {
		t.Error("the peer saw an orderly end")
	}
}

func TestRecvEndsWithFinAndReset(t *testing.T) {
	for name, end := range map[string]func(*net.TCPConn){
		"fin":   func(c *net.TCPConn) { c.Close() },
		"reset": func(c *net.TCPConn) { c.SetLinger(0); c.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			d := device(t, bare.Device(host.New()))
			ln := listen(t)
			fd := dial(t, d, ln.Addr())
			defer d.Close(fd)
			conn, err := ln.Accept()
			if err != nil {
				t.Fatal(err)
			}
			end(conn.(*net.TCPConn))
			_, err = recv(t, d, fd, make([]byte, 1))
			if want := map[string]error{"fin": io.EOF, "reset": netdev.ErrConnReset}[name]; err != want {
				t.Errorf("Recv = %v, want %v", err, want)
			}
		})
	}
}

func TestConnectFailsAndSaysWhy(t *testing.T) {
	d := device(t, bare.Device(host.New()))
	ln := listen(t)
	addr := ln.Addr().(*net.TCPAddr).AddrPort()
	ln.Close()
	fd := open(t, d, netdev.SOCK_STREAM)
	defer d.Close(fd)
	if err := d.Connect(fd, "", addr); err != netdev.ErrInProgress {
		t.Fatal(err)
	}
	pollable(t, d, fd, netdev.PollOut)
	if err := d.Connect(fd, "", addr); !errors.Is(err, netdev.ErrConnRefused) {
		t.Errorf("Connect = %v, want ErrConnRefused", err)
	}
}

func TestAcceptKnowsBothEnds(t *testing.T) {
	d := device(t, bare.Device(host.New()))
	fd := open(t, d, netdev.SOCK_STREAM)
	defer d.Close(fd)
	if err := d.Bind(fd, netip.MustParseAddrPort("127.0.0.1:0")); err != nil {
		t.Fatal(err)
	}
	if err := d.Listen(fd, 16); err != nil {
		t.Fatal(err)
	}
	local, err := d.GetSockName(fd)
	if err != nil || local.Port() == 0 {
		t.Fatalf("GetSockName = %v, %v", local, err)
	}
	if _, _, err := d.Accept(fd); err != netdev.ErrWouldBlock {
		t.Fatalf("Accept = %v, want ErrWouldBlock", err)
	}
	// More than are accepted ahead, so that the loop has to wait.
	const count = 3 * acceptAhead
	var conns []net.Conn
	for range count {
		conn, err := net.Dial("tcp4", local.String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conns = append(conns, conn)
	}
	for _, conn := range conns {
		pollable(t, d, fd, netdev.PollIn)
		c, peer, err := d.Accept(fd)
		if err != nil {
			t.Fatal(err)
		}
		name, _ := d.GetSockName(c)
		if peer.String() != conn.LocalAddr().String() || name.String() != conn.RemoteAddr().String() {
			t.Errorf("accepted %v from %v, the peer is %v to %v", name, peer, conn.LocalAddr(), conn.RemoteAddr())
		}
		d.Close(c)
	}
}

// unpolled is a device whose only capability is half-close.
type unpolled struct {
	netdev.Netdever
	netdev.Shutdowner
}

func TestShutdownComesAfterTheLastByte(t *testing.T) {
	h := host.New()
	d := device(t, unpolled{h, h})
	ln := listen(t)
	fd := dial(t, d, ln.Addr())
	defer d.Close(fd)
	conn, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	data := bytes.Repeat([]byte("half-close "), 50000)
	go func() {
		got, err := io.ReadAll(conn)
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("the peer read %d bytes and %v", len(got), err)
		}
		io.WriteString(conn, "all here")
		conn.Close()
	}()
	sendAll(t, d, fd, data)
	if err := d.Shutdown(fd, netdev.SHUT_WR); err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 100)
	n, err := recv(t, d, fd, p)
	if string(p[:n]) != "all here" || err != nil {
		t.Errorf("Recv = %q, %v", p[:n], err)
	}
	if _, err := d.Send(fd, p, 0, time.Time{}); !errors.Is(err, netdev.ErrBrokenPipe) {
		t.Errorf("Send after Shutdown = %v, want ErrBrokenPipe", err)
	}
}

func TestShutdownIsRefusedWithoutTheCapability(t *testing.T) {
	d := device(t, bare.Device(host.New()))
	fd := open(t, d, netdev.SOCK_STREAM)
	defer d.Close(fd)
	if err := d.Shutdown(fd, netdev.SHUT_WR); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Shutdown = %v, want ErrUnsupported", err)
	}
}

func TestDatagramsAreWhole(t *testing.T) {
	peer, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	d := device(t, bare.Device(host.New()))
	fd := open(t, d, netdev.SOCK_DGRAM)
	defer d.Close(fd)
	if err := d.Connect(fd, "", peer.LocalAddr().(*net.UDPAddr).AddrPort()); err != nil {
		t.Fatal(err)
	}
	local, err := d.GetSockName(fd)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Recv(fd, nil, 0, time.Time{}); err != netdev.ErrWouldBlock {
		t.Fatalf("Recv = %v, want ErrWouldBlock", err)
	}
	for _, text := range []string{"first", "", "third"} {
		if _, err := peer.WriteToUDPAddrPort([]byte(text), local); err != nil {
			t.Fatal(err)
		}
	}
	p := make([]byte, 3)
	pollable(t, d, fd, netdev.PollIn)
	if n, err := d.Recv(fd, p, netdev.MSG_PEEK, time.Time{}); string(p[:n]) != "fir" || err != nil {
		t.Errorf("peeked %q, %v", p[:n], err)
	}
	for _, want := range []string{"fir", "", "thi"} {
		if n, err := recv(t, d, fd, p); string(p[:n]) != want || err != nil {
			t.Errorf("Recv = %q, %v, want %q", p[:n], err, want)
		}
	}
	if _, err := d.SendTo(fd, p, 0, local, time.Time{}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("SendTo = %v, want ErrUnsupported", err)
	}
}

func TestPollerThatIsOneStays(t *testing.T) {
	h := host.New()
	if dev, poll := Poller(h); dev != netdev.Netdever(h) || poll != netdev.Poller(h) {
		t.Errorf("Poller = %T, %T", dev, poll)
	}
}
