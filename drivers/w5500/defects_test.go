//go:build !tinygo

package w5500_test

// What the W5500 driver of tinygo.org/x/drivers v0.37.0 does wrong, one test for
// each.

import (
	"bytes"
	"context"
	"errors"
	"io"
	stdnet "net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	driver "github.com/netdev-go/netdev/drivers/w5500"
	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/boards"
)

// A place is a connected device and a peer, of a test that runs beside others.
type place struct {
	*testing.T
	*boards.Board
	peer *sim.Peer
}

func newPlace(t *testing.T, set func(*driver.Config)) *place {
	t.Helper()
	t.Parallel()
	b, _ := boot(t, boards.Config{}, set)
	p, err := b.Peer()
	if err != nil {
		t.Fatal(err)
	}
	return &place{T: t, Board: b, peer: p}
}

// board is on a network that is its own.
var board = boards.Config{Network: sim.Config{Forwards: []sim.Forward{}}}

func soon() time.Time { return time.Now().Add(5 * time.Second) }

func (p *place) must(what string, err error) {
	p.Helper()
	if err != nil {
		p.Fatalf("%s: %v", what, err)
	}
}

func (p *place) socket(stype int) int {
	p.Helper()
	fd, err := p.Socket(netdev.AF_INET, stype, 0)
	p.must("Socket", err)
	return fd
}

// listens returns where a listener of the peer is.
func (p *place) listens() (stdnet.Listener, netip.AddrPort) {
	p.Helper()
	port := p.peer.FreePort()
	at := netip.AddrPortFrom(p.peer.Addr(netdev.AF_INET), port)
	l, err := p.peer.Listen(context.Background(), "tcp", at.String())
	p.must("Listen of the peer", err)
	p.Cleanup(func() { l.Close() })
	return l, at
}

// connected returns both ends of a connection that the device has made.
func (p *place) connected() (int, stdnet.Conn) {
	p.Helper()
	l, at := p.listens()
	fd := p.socket(netdev.SOCK_STREAM)
	p.must("Connect", p.Connect(fd, "", at))
	c, err := l.Accept()
	p.must("Accept of the peer", err)
	c.SetDeadline(soon())
	p.Cleanup(func() { c.Close() })
	return fd, c
}

// serves returns a listening socket of the device, and how to reach it.
func (p *place) serves(backlog int) (int, string) {
	p.Helper()
	fd := p.socket(netdev.SOCK_STREAM)
	port := p.peer.FreePort()
	p.must("Bind", p.Bind(fd, netip.AddrPortFrom(netip.IPv4Unspecified(), port)))
	p.must("Listen", p.Listen(fd, backlog))
	return fd, netip.AddrPortFrom(p.peer.DeviceAddr(netdev.AF_INET), port).String()
}

// dials has the peer connect.
func (p *place) dials(at string) (stdnet.Conn, error) {
	p.Helper()
	ctx, cancel := context.WithDeadline(context.Background(), soon())
	defer cancel()
	c, err := p.peer.DialContext(ctx, "tcp", at)
	if err == nil {
		p.Cleanup(func() { c.Close() })
		c.SetDeadline(soon())
	}
	return c, err
}

func TestDefect_ConnectConnects(t *testing.T) {
	p := newPlace(t, nil)
	fd, c := p.connected()
	n, err := p.Send(fd, []byte("here"), 0, soon())
	if n != 4 || err != nil {
		t.Fatalf("Send: %d, %v", n, err)
	}
	buf := make([]byte, 4)
	if _, err := io.ReadFull(c, buf); err != nil || string(buf) != "here" {
		t.Errorf("the peer read %q, %v", buf, err)
	}
	other := p.socket(netdev.SOCK_STREAM)
	if err := p.Connect(other, "", p.peer.Refused()); !errors.Is(err, netdev.ErrConnRefused) {
		t.Errorf("Connect to where nobody listens: %v", err)
	}
}

func TestDefect_ConnectChoosesASourcePort(t *testing.T) {
	p := newPlace(t, nil)
	fd, c := p.connected()
	own, err := mustBe[netdev.SockNamer](t, p).GetSockName(fd)
	p.must("GetSockName", err)
	if seen := c.RemoteAddr().String(); own.Port() < 1024 || seen != own.String() {
		t.Errorf("GetSockName says %v, and the peer %s", own, seen)
	}
}

func mustBe[T any](t *testing.T, p *place) T {
	t.Helper()
	v, ok := netdev.As[T](p.Board)
	if !ok {
		t.Fatalf("the device is no %T", *new(T))
	}
	return v
}

func TestDefect_TheHeaderOfADatagramIsNoData(t *testing.T) {
	p := newPlace(t, nil)
	packets := mustBe[netdev.PacketNetdever](t, p)
	fd := p.socket(netdev.SOCK_DGRAM)
	p.must("Bind", p.Bind(fd, netip.AddrPortFrom(netip.IPv4Unspecified(), 4000)))
	pc, err := p.peer.ListenPacket(context.Background(), "udp", ":4001")
	p.must("ListenPacket", err)
	defer pc.Close()
	to := &stdnet.UDPAddr{IP: p.peer.DeviceAddr(netdev.AF_INET).AsSlice(), Port: 4000}
	for _, text := range []string{"first", "", strings.Repeat("long", 300)} {
		if _, err := pc.WriteTo([]byte(text), to); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 2000)
		n, from, err := packets.RecvFrom(fd, buf, 0, soon())
		if err != nil || string(buf[:n]) != text {
			t.Errorf("received %q, %v; sent %q", buf[:n], err, text)
		}
		if want := netip.AddrPortFrom(p.peer.Addr(netdev.AF_INET), 4001); from != want {
			t.Errorf("from %v, want %v", from, want)
		}
	}
}

func TestDefect_AClientThatLeavesDoesNotKillTheListener(t *testing.T) {
	p := newPlace(t, nil)
	fd, at := p.serves(1)
	for range 5 {
		c, err := p.dials(at)
		if err == nil {
			c.(interface{ SetLinger(int) error }).SetLinger(0)
			c.Close()
		}
	}
	go func() { // greets who stays
		for {
			conn, _, err := p.Accept(fd)
			if err != nil {
				return
			}
			p.Send(conn, []byte("hello"), 0, soon())
			p.Board.Close(conn)
		}
	}()
	// While the only socket listens anew, a client is sent away.
	for until := soon(); ; {
		c, err := p.dials(at)
		if err == nil {
			var got []byte
			if got, err = io.ReadAll(c); err == nil && string(got) == "hello" {
				return
			}
		}
		if time.Now().After(until) {
			t.Fatalf("nobody serves any more: %v", err)
		}
	}
}

func TestDefect_NothingToMoveLeavesTheChipDeselected(t *testing.T) {
	low := false
	p := newPlace(t, func(c *driver.Config) {
		cs := c.CS
		c.CS = func(high bool) { low = !high; cs(high) }
	})
	fd, c := p.connected()
	for _, call := range []func() (int, error){
		func() (int, error) { return p.Send(fd, nil, 0, soon()) },
		func() (int, error) { return p.Recv(fd, nil, 0, soon()) },
		func() (int, error) { return p.Send(fd, []byte("x"), 0, soon()) },
	} {
		if _, err := call(); err != nil {
			t.Error(err)
		}
	}
	c.Read(make([]byte, 1))
	p.NetDisconnect()
	p.Netdever.(*driver.Device).Stop()
	if low {
		t.Error("CS is low, and nobody uses the bus")
	}
}

func TestDefect_CloseSendsAllAndAFIN(t *testing.T) {
	p := newPlace(t, nil)
	fd, c := p.connected()
	data := bytes.Repeat([]byte("all of it "), 2000)
	n, err := p.Send(fd, data, 0, soon())
	if n != len(data) || err != nil {
		t.Fatalf("Send: %d, %v", n, err)
	}
	p.must("Close", p.Close(fd))
	got, err := io.ReadAll(c) // nil is a FIN
	if err != nil || !bytes.Equal(got, data) {
		t.Errorf("the peer read %d of %d bytes, %v", len(got), len(data), err)
	}
}

func TestDefect_ThePeersFINIsEOF(t *testing.T) {
	p := newPlace(t, nil)
	fd, c := p.connected()
	c.Write([]byte("last words"))
	c.Close()
	var got []byte
	buf := make([]byte, 4)
	for {
		n, err := p.Recv(fd, buf, 0, soon())
		got = append(got, buf[:n]...)
		if err == io.EOF {
			break
		}
		p.must("Recv", err)
	}
	if string(got) != "last words" {
		t.Errorf("before the end there was %q", got)
	}
	if n, err := p.Recv(fd, buf, 0, soon()); n != 0 || err != io.EOF {
		t.Errorf("Recv once more: %d, %v", n, err)
	}
}

func TestDefect_CloseWakesAccept(t *testing.T) {
	p := newPlace(t, nil)
	fd, _ := p.serves(2)
	woken := make(chan error, 1)
	began := make(chan struct{})
	go func() {
		close(began)
		_, _, err := p.Accept(fd)
		woken <- err
	}()
	<-began
	p.must("Close", p.Close(fd))
	select {
	case err := <-woken:
		if !errors.Is(err, netdev.ErrClosed) && !errors.Is(err, netdev.ErrInvalidSocketFd) {
			t.Errorf("Accept: %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Error("Accept sleeps on")
	}
}

func TestDefect_EveryDeadlineIsErrTimeout(t *testing.T) {
	p := newPlace(t, nil)
	stream, _ := p.connected()
	dgram := p.socket(netdev.SOCK_DGRAM)
	p.must("Bind", p.Bind(dgram, netip.AddrPortFrom(netip.IPv4Unspecified(), 0)))
	for _, after := range []time.Duration{-time.Second, 10 * time.Millisecond} {
		for _, fd := range []int{stream, dgram} {
			n, err := p.Recv(fd, make([]byte, 1), 0, time.Now().Add(after))
			if n != 0 || err != netdev.ErrTimeout || !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("Recv with %v left: %d, %v", after, n, err)
			}
		}
	}
	full := bytes.Repeat([]byte("x"), 1<<20)
	if _, err := p.Send(stream, full, 0, time.Now().Add(10*time.Millisecond)); err != netdev.ErrTimeout {
		t.Errorf("Send to one who does not read: %v", err)
	}
}

func TestDefect_AddressAndNamesAreTheDevicesOwn(t *testing.T) {
	p := newPlace(t, nil)
	addr, err := p.Addr()
	if err != nil || !addr.Is4() || addr.IsUnspecified() {
		t.Errorf("DHCP gave %v, %v", addr, err)
	}
	peer, err := p.GetHostByName("peer.netdev")
	if err != nil || peer != p.peer.Addr(netdev.AF_INET) {
		t.Errorf("peer.netdev is %v, %v", peer, err)
	}
}
