//go:build !tinygo

package host_test

import (
	"bytes"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
)

func TestAcceptReturnsSilentPeers(t *testing.T) {
	d := host.New()
	lfd, addr := listen(t, d, 4)
	accept := start(func() (int, error) {
		fd, from, err := d.Accept(lfd)
		if err == nil {
			if peer, err := d.GetPeerName(fd); peer != from || err != nil {
				t.Errorf("Accept says %v, GetPeerName %v, %v", from, peer, err)
			}
		}
		return fd, err
	})
	asleep(t, d, lfd, 1)
	c, err := net.Dial("tcp4", addr.String())
	must(t, err)
	defer c.Close()
	r := wait(t, "Accept", accept)
	must(t, r.err)
	defer d.Close(r.n)
	if peer, _ := d.GetPeerName(r.n); peer.String() != c.LocalAddr().String() {
		t.Errorf("peer %v, want %v", peer, c.LocalAddr())
	}
	if local := sockName(t, d, r.n); local != addr {
		t.Errorf("local address %v, want %v", local, addr)
	}
}

func TestAcceptSkipsConnectionsThatDiedInTheBacklog(t *testing.T) {
	d := host.New()
	lfd, addr := listen(t, d, 8)
	for range 3 {
		c, err := net.Dial("tcp4", addr.String())
		must(t, err)
		must(t, c.(*net.TCPConn).SetLinger(0))
		must(t, c.Close())
	}
	c, err := net.Dial("tcp4", addr.String())
	must(t, err)
	defer c.Close()
	fd, from, err := d.Accept(lfd)
	must(t, err)
	defer d.Close(fd)
	if from.String() != c.LocalAddr().String() {
		t.Errorf("Accept returned %v, which is not the one alive, %v", from, c.LocalAddr())
	}
	must(t, d.SetNonblock(lfd, true))
	if _, _, err := d.Accept(lfd); err != netdev.ErrWouldBlock {
		t.Errorf("Accept of the empty backlog: %v", err)
	}
}

func TestAcceptKeepsConnectionsThatHaveEnded(t *testing.T) {
	d := host.New()
	lfd, addr := listen(t, d, 1)
	c, err := net.Dial("tcp4", addr.String())
	must(t, err)
	c.Write([]byte("and goodbye"))
	must(t, c.Close())
	fd, _, err := d.Accept(lfd)
	must(t, err)
	defer d.Close(fd)
	buf := make([]byte, 11)
	must(t, recvAll(d, fd, buf))
	if !bytes.Equal(buf, []byte("and goodbye")) {
		t.Errorf("Recv = %q", buf)
	}
	wantEOF(t, d, fd)
}

func TestAcceptOfWhatDoesNotListen(t *testing.T) {
	d := host.New()
	_, _, err := d.Accept(stream(t, d))
	wantErr(t, "stream", err, netdev.ErrInvalid)
	udp, _ := bound(t, d)
	_, _, err = d.Accept(udp)
	wantErr(t, "datagram socket", err, netdev.ErrNotSupported)
	wantErr(t, "Listen on a datagram socket", d.Listen(udp, 1), netdev.ErrNotSupported)
	fd, _ := pair(t, d)
	wantErr(t, "Listen on a connection", d.Listen(fd, 1), netdev.ErrInvalid)
}

func TestPortInUse(t *testing.T) {
	d := host.New()
	_, addr := listen(t, d, 1)
	wantErr(t, "Bind to a listener's port", d.Bind(stream(t, d), addr), netdev.ErrAddrInUse)

	// Without a Listen Linux lets sockets with SO_REUSEADDR share a port.
	first := stream(t, d)
	must(t, d.Bind(first, anyPort))
	addr = sockName(t, d, first)
	wantErr(t, "Bind to a bound port", d.Bind(stream(t, d), addr), netdev.ErrAddrInUse)

	l, addr := stdListen(t)
	wantErr(t, "Bind to the port of another program", d.Bind(stream(t, d), addr), netdev.ErrAddrInUse)
	l.Close()

	_, addr = bound(t, d)
	wantErr(t, "Bind of a datagram socket", d.Bind(socket(t, d, netdev.AF_INET, netdev.SOCK_DGRAM), addr), netdev.ErrAddrInUse)
	far := netip.MustParseAddrPort("203.0.113.77:0")
	wantErr(t, "Bind to a foreign address", d.Bind(stream(t, d), far), netdev.ErrAddrNotAvailable)
}

func TestServerRestartsOverTimeWait(t *testing.T) {
	d := host.New()
	lfd, addr := listen(t, d, 1)
	c, err := net.Dial("tcp4", addr.String())
	must(t, err)
	defer c.Close()
	fd, _, err := d.Accept(lfd)
	must(t, err)
	// Who closes first is who waits.
	must(t, d.Close(fd))
	c.SetReadDeadline(soon())
	c.Read(make([]byte, 1))
	c.Close()
	must(t, d.Close(lfd))
	if host.PlainBind(int(addr.Port())) == nil {
		t.Log("nothing is in TIME-WAIT: the test shows less than it could")
	}
	again := stream(t, d)
	must(t, d.Bind(again, addr))
	must(t, d.Listen(again, 1))
}

func TestBindChoosesPortsAtRandom(t *testing.T) {
	d := host.New()
	ports := map[uint16]bool{}
	rising := true
	last := uint16(0)
	for range 8 {
		_, addr := bound(t, d)
		if addr.Port() == 0 || ports[addr.Port()] {
			t.Fatalf("port %d", addr.Port())
		}
		ports[addr.Port()] = true
		rising = rising && addr.Port() > last && addr.Port()-last < 16
		last = addr.Port()
	}
	if rising {
		t.Errorf("ports %v are one after the other", ports)
	}
}

func TestNoMoreSockets(t *testing.T) {
	d := host.New()
	restore := host.LimitKernelFds(t, kernelFds(t)+8)
	var fds []int
	var err error
	for range 64 {
		var fd int
		if fd, err = d.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0); err != nil {
			break
		}
		fds = append(fds, fd)
	}
	wantErr(t, "Socket", err, netdev.ErrNoMoreSockets)
	if len(fds) > 0 {
		must(t, d.Close(fds[0]))
		fd, err := d.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)
		if err != nil {
			t.Errorf("Socket after a Close: %v", err)
		} else {
			fds[0] = fd
		}
	}
	restore()
	for _, fd := range fds {
		must(t, d.Close(fd))
	}
}

func TestConcurrentAcceptsShareTheWork(t *testing.T) {
	d := host.New()
	lfd, addr := listen(t, d, 32)
	const n = 16
	var accepts []<-chan result
	for range n {
		accepts = append(accepts, start(func() (int, error) { fd, _, err := d.Accept(lfd); return fd, err }))
	}
	asleep(t, d, lfd, n)
	for range n {
		c, err := net.DialTimeout("tcp4", addr.String(), 5*time.Second)
		must(t, err)
		defer c.Close()
	}
	seen := map[int]bool{}
	for _, a := range accepts {
		r := wait(t, "Accept", a)
		must(t, r.err)
		if seen[r.n] {
			t.Errorf("descriptor %d twice", r.n)
		}
		seen[r.n] = true
		defer d.Close(r.n)
	}
}
