//go:build !tinygo

package host_test

import (
	"net"
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
)

// stdUDP is a datagram socket of Go's own net.
func stdUDP(t testing.TB) (*net.UDPConn, netip.AddrPort) {
	t.Helper()
	c, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(anyPort))
	must(t, err)
	t.Cleanup(func() { c.Close() })
	return c, c.LocalAddr().(*net.UDPAddr).AddrPort()
}

func TestDatagramsCarryTheirAddresses(t *testing.T) {
	d := host.New()
	fd, addr := bound(t, d)
	c, peer := stdUDP(t)
	if n, err := d.SendTo(fd, []byte("there"), 0, peer, soon()); n != 5 || err != nil {
		t.Fatalf("SendTo = %d, %v", n, err)
	}
	buf := make([]byte, 16)
	n, from, err := c.ReadFromUDPAddrPort(buf)
	if string(buf[:n]) != "there" || from != addr || err != nil {
		t.Fatalf("peer read %q from %v, %v", buf[:n], from, err)
	}
	c.WriteToUDPAddrPort([]byte("and back"), addr)
	n, from, err = d.RecvFrom(fd, buf, 0, soon())
	if string(buf[:n]) != "and back" || from != peer || err != nil {
		t.Errorf("RecvFrom = %q from %v, %v", buf[:n], from, err)
	}
}

func TestRestOfADatagramIsDropped(t *testing.T) {
	d := host.New()
	fd, addr := bound(t, d)
	c, _ := stdUDP(t)
	c.WriteToUDPAddrPort([]byte("0123456789"), addr)
	c.WriteToUDPAddrPort([]byte("next"), addr)
	buf := make([]byte, 4)
	for _, want := range []string{"0123", "next"} {
		n, _, err := d.RecvFrom(fd, buf, 0, soon())
		if string(buf[:n]) != want || err != nil {
			t.Errorf("RecvFrom = %q, %v, want %q", buf[:n], err, want)
		}
	}
}

func TestPeekedDatagramComesAgain(t *testing.T) {
	d := host.New()
	fd, addr := bound(t, d)
	c, peer := stdUDP(t)
	c.WriteToUDPAddrPort([]byte("0123456789"), addr)
	buf := make([]byte, 4)
	n, from, err := d.RecvFrom(fd, buf, netdev.MSG_PEEK, soon())
	if n != 4 || from != peer || err != nil {
		t.Errorf("peek = %d from %v, %v", n, from, err)
	}
	buf = make([]byte, 64)
	if n, err := d.Recv(fd, buf, 0, soon()); string(buf[:n]) != "0123456789" || err != nil {
		t.Errorf("Recv = %q, %v", buf[:n], err)
	}
}

func TestEmptyDatagrams(t *testing.T) {
	d := host.New()
	fd, addr := bound(t, d)
	c, peer := stdUDP(t)
	for _, buf := range [][]byte{nil, {}} {
		if n, err := d.SendTo(fd, buf, 0, peer, soon()); n != 0 || err != nil {
			t.Errorf("SendTo = %d, %v", n, err)
		}
		c.SetReadDeadline(soon())
		if n, from, err := c.ReadFromUDPAddrPort(make([]byte, 8)); n != 0 || from != addr || err != nil {
			t.Errorf("peer read %d from %v, %v", n, from, err)
		}
	}
	c.WriteToUDPAddrPort(nil, addr)
	c.WriteToUDPAddrPort([]byte("no room"), addr)
	c.WriteToUDPAddrPort([]byte("x"), addr)
	if n, from, err := d.RecvFrom(fd, make([]byte, 8), 0, soon()); n != 0 || from != peer || err != nil {
		t.Errorf("RecvFrom of an empty one = %d from %v, %v", n, from, err)
	}
	if n, from, err := d.RecvFrom(fd, nil, 0, soon()); n != 0 || from != peer || err != nil {
		t.Errorf("RecvFrom into nothing = %d from %v, %v", n, from, err)
	}
	if n, err := d.Recv(fd, make([]byte, 8), 0, soon()); n != 1 || err != nil {
		t.Errorf("Recv = %d, %v", n, err)
	}
}

func TestDatagramTooLong(t *testing.T) {
	d := host.New()
	fd, _ := bound(t, d)
	_, peer := stdUDP(t)
	n, err := d.SendTo(fd, make([]byte, 65508), 0, peer, soon())
	if n != 0 || err != netdev.ErrMessageTooLong {
		t.Errorf("SendTo = %d, %v, want 0, ErrMessageTooLong", n, err)
	}
	n, err = d.SendTo(fd, make([]byte, 65507), 0, peer, soon())
	if n != 65507 || err != nil {
		t.Errorf("SendTo of the longest = %d, %v", n, err)
	}
}

func TestSendWithoutAPeer(t *testing.T) {
	d := host.New()
	fd, _ := bound(t, d)
	_, err := d.Send(fd, []byte("x"), 0, soon())
	wantErr(t, "Send", err, netdev.ErrDestAddrRequired)
	_, err = d.SendTo(fd, []byte("x"), 0, netip.AddrPort{}, soon())
	wantErr(t, "SendTo nowhere", err, netdev.ErrDestAddrRequired)
	_, err = d.Send(stream(t, d), []byte("x"), 0, soon())
	wantErr(t, "Send on a fresh stream", err, netdev.ErrNotConnected)
	_, err = d.Recv(stream(t, d), make([]byte, 1), 0, soon())
	wantErr(t, "Recv on a fresh stream", err, netdev.ErrNotConnected)
	wantErr(t, "Shutdown of a fresh stream", d.Shutdown(stream(t, d), netdev.SHUT_RDWR), netdev.ErrNotConnected)
}

func TestConnectedDatagramSocketKnowsOnePeer(t *testing.T) {
	d := host.New()
	fd, addr := bound(t, d)
	c, peer := stdUDP(t)
	other, elsewhere := stdUDP(t)
	must(t, d.Connect(fd, "", peer))
	if got, err := d.GetPeerName(fd); got != peer || err != nil {
		t.Errorf("GetPeerName = %v, %v", got, err)
	}
	if n, err := d.SendTo(fd, []byte("x"), 0, elsewhere, soon()); n != 0 || err != netdev.ErrIsConnected {
		t.Errorf("SendTo another = %d, %v, want ErrIsConnected", n, err)
	}
	buf := make([]byte, 8)
	for _, to := range []netip.AddrPort{peer, {}, netip.AddrPortFrom(netip.AddrFrom16(peer.Addr().As16()), peer.Port())} {
		if n, err := d.SendTo(fd, []byte("x"), 0, to, soon()); n != 1 || err != nil {
			t.Errorf("SendTo %v = %d, %v", to, n, err)
		}
		c.SetReadDeadline(soon())
		if _, err := c.Read(buf); err != nil {
			t.Errorf("peer: %v", err)
		}
	}
	other.WriteToUDPAddrPort([]byte("stranger"), addr)
	c.WriteToUDPAddrPort([]byte("friend"), addr)
	if n, err := d.Recv(fd, buf, 0, soon()); string(buf[:n]) != "friend" || err != nil {
		t.Errorf("Recv = %q, %v", buf[:n], err)
	}
	must(t, d.Connect(fd, "", elsewhere))
	if n, err := d.SendTo(fd, []byte("x"), 0, elsewhere, soon()); n != 1 || err != nil {
		t.Errorf("SendTo the new peer = %d, %v", n, err)
	}
}

// The kernel keeps what it had queued before Connect.
func TestStrangersBeforeConnectAreNotHeard(t *testing.T) {
	for _, flags := range []int{0, netdev.MSG_PEEK} {
		d := host.New()
		fd, addr := bound(t, d)
		c, peer := stdUDP(t)
		stranger, _ := stdUDP(t)
		stranger.WriteToUDPAddrPort([]byte("stranger"), addr)
		c.WriteToUDPAddrPort([]byte("early"), addr)
		stranger.WriteToUDPAddrPort([]byte("stranger"), addr)
		pollUntil(t, d, fd, netdev.PollIn)
		must(t, d.Connect(fd, "", peer))
		buf := make([]byte, 16)
		if n, err := d.Recv(fd, buf, flags, soon()); string(buf[:n]) != "early" || err != nil {
			t.Errorf("Recv = %q, %v", buf[:n], err)
		}
		c.WriteToUDPAddrPort([]byte("late"), addr)
		if flags != 0 {
			d.Recv(fd, buf, 0, soon())
		}
		if n, from, err := d.RecvFrom(fd, buf, 0, soon()); string(buf[:n]) != "late" || from != peer || err != nil {
			t.Errorf("RecvFrom = %q from %v, %v", buf[:n], from, err)
		}
	}
}

func TestRefusedDatagramIsTold(t *testing.T) {
	d := host.New()
	gone, addr := stdUDP(t)
	fd, _ := bound(t, d)
	must(t, d.Connect(fd, "", addr))
	gone.Close()
	recv := start(func() (int, error) { return d.Recv(fd, make([]byte, 1), 0, never) })
	asleep(t, d, fd, 1)
	if _, err := d.Send(fd, []byte("x"), 0, soon()); err != nil {
		t.Fatal(err)
	}
	r := wait(t, "Recv", recv)
	wantErr(t, "Recv", r.err, netdev.ErrConnRefused)
	// The socket goes on.
	if _, err := d.Recv(fd, make([]byte, 1), netdev.MSG_DONTWAIT, never); err != netdev.ErrWouldBlock {
		t.Errorf("next Recv: %v", err)
	}
}

func TestSendToOnAStream(t *testing.T) {
	d := host.New()
	fd, c := pair(t, d)
	peer := c.LocalAddr().(*net.TCPAddr).AddrPort()
	for _, to := range []netip.AddrPort{peer, {}} {
		if n, err := d.SendTo(fd, []byte("x"), 0, to, soon()); n != 1 || err != nil {
			t.Errorf("SendTo %v = %d, %v", to, n, err)
		}
	}
	_, err := d.SendTo(fd, []byte("x"), 0, netip.AddrPortFrom(loopback, 1), soon())
	wantErr(t, "SendTo another", err, netdev.ErrIsConnected)
	c.Write([]byte("y"))
	n, from, err := d.RecvFrom(fd, make([]byte, 1), 0, soon())
	if n != 1 || from.IsValid() || err != nil {
		t.Errorf("RecvFrom = %d, %v, %v", n, from, err)
	}
}
