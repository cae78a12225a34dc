package kernel

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	stdnet "net"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
	"github.com/netdev-go/netdev/wire/tcp"
)

// setMTU changes the MTU of the kernel's end of a line.
func (l *line) setMTU(t *testing.T, mtu uint32) {
	t.Helper()
	if err := configure(l.name, unix.SIOCSIFMTU, func(i *unix.Ifreq) { i.SetUint32(mtu) }); err != nil {
		t.Fatal(err)
	}
}

// between connects a stack on each of two lines, which the kernel routes between.
func between(t *testing.T, a, b *line) (client, server stdnet.Conn) {
	t.Helper()
	return pair{
		listen: func(*line) (stdnet.Listener, error) { return b.listen(0) },
		dial:   func(_ *line, addr string) (stdnet.Conn, error) { return a.dial("tcp4", addr) },
	}.connect(t, nil)
}

// The kernel as a router tells of its next link's MTU, which shrinks again and
// again while data is under way.
func TestPathMTUIsFoundThroughTheKernel(t *testing.T) {
	sysctl(t, "ipv4/ip_forward", "1")
	a, b := plug(t, stack.Config{}, ether.Impairment{}), plug(t, stack.Config{}, ether.Impairment{})
	client, server := between(t, a, b)
	late := time.Now().Add(30 * time.Second)
	client.SetDeadline(late)
	server.SetDeadline(late)
	data := bytes.Repeat([]byte("0123456789abcdef"), 1<<14)
	for _, mtu := range []uint32{1500, 1400, 1006, 576} {
		b.setMTU(t, mtu)
		go func() {
			if _, err := client.Write(data); err != nil {
				t.Error(err)
			}
		}()
		longest := 0
		full := b.watch(func(p packet) bool {
			longest = max(longest, p.TotalLen())
			return !p.byStack && p.TotalLen() == int(mtu)
		})
		got := make([]byte, len(data))
		if n, err := io.ReadFull(server, got); err != nil || !bytes.Equal(got, data) {
			t.Fatalf("MTU %d: %d bytes, %v", mtu, n, err)
		}
		full.await(t, "packet as long as the link takes")
		if longest > int(mtu) {
			t.Errorf("MTU %d: a packet of %d bytes", mtu, longest)
		}
	}
	if n := a.stack.Counters().TCP.PMTUReduced; n != 3 {
		t.Errorf("the path became smaller %d times, want 3", n)
	}
	// The next connection knows from its beginning.
	longest := 0
	fin := a.watch(func(p packet) bool {
		if s := p.segment(); s != nil && p.byStack {
			longest = max(longest, p.TotalLen())
			return s.Flags().Has(tcp.FIN)
		}
		return false
	})
	c, s := between(t, a, b)
	transfer(t, c, s, 64<<10)
	fin.await(t, "FIN")
	if longest != 576 {
		t.Errorf("the longest packet of a new connection has %d bytes", longest)
	}
}

// The kernel takes apart what may be taken apart.
func TestFragmentsOfARouterAreReassembled(t *testing.T) {
	sysctl(t, "ipv4/ip_forward", "1")
	a, b := plug(t, stack.Config{}, ether.Impairment{}), plug(t, stack.Config{}, ether.Impairment{Reorder: 0.05, ReorderBy: time.Millisecond})
	b.setMTU(t, 576)
	c, err := b.listenPacket(7)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	d, err := a.dial("udp4", at(b.board, 7))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	buf := make([]byte, 1<<16)
	for _, size := range []int{100, 549, 1472, 1473, 8000, 60000} {
		want := bytes.Repeat([]byte{byte(size)}, size)
		if _, err := d.Write(want); err != nil {
			t.Errorf("%d bytes: %v", size, err)
			continue
		}
		c.SetDeadline(time.Now().Add(10 * time.Second))
		if n, _, err := c.ReadFrom(buf); err != nil || !bytes.Equal(buf[:n], want) {
			t.Errorf("%d bytes arrive as %d, %v", size, n, err)
		}
	}
}

func TestSmallMTUOnEitherSide(t *testing.T) {
	for _, c := range []struct{ kernel, board int }{{576, 0}, {0, 576}, {68, 0}, {0, 68}, {296, 1280}, {1280, 296}} {
		for _, p := range pairs {
			t.Run(fmt.Sprintf("%d and %d/%s", c.kernel, c.board, p.name), func(t *testing.T) {
				l := plug(t, stack.Config{MTU: c.board}, ether.Impairment{})
				if c.kernel != 0 {
					l.setMTU(t, uint32(c.kernel))
				}
				a, b := p.connect(t, l)
				transfer(t, a, b, 20<<10)
			})
		}
	}
}

// What traceroute does: the hops are found by packets that do not live longer.
func TestTracerouteBetweenStackAndKernel(t *testing.T) {
	sysctl(t, "ipv4/ip_forward", "1")
	a, b := plug(t, stack.Config{}, ether.Impairment{}), plug(t, stack.Config{}, ether.Impairment{})
	fd, err := a.stack.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer a.stack.Close(fd)
	exceeded := a.watch(func(p packet) bool {
		return !p.byStack && p.Protocol() == 1 && p.Payload()[0] == 11 && p.Src() == a.kernel
	})
	if err := errors.Join(
		a.stack.SetSockOpt(fd, netdev.IPPROTO_IP, netdev.IP_TTL, 1),
		a.stack.Connect(fd, "", netip.AddrPortFrom(b.board, 33434)),
	); err != nil {
		t.Fatal(err)
	}
	if _, err := a.stack.Send(fd, []byte("x"), 0, time.Time{}); err != nil {
		t.Fatal(err)
	}
	exceeded.await(t, "time exceeded from the router")
	if err := a.stack.SetSockOpt(fd, netdev.IPPROTO_IP, netdev.IP_TTL, 2); err != nil {
		t.Fatal(err)
	}
	_, err = a.stack.Recv(fd, make([]byte, 1), 0, time.Now().Add(10*time.Second))
	if !errors.Is(err, netdev.ErrHostUnreachable) {
		t.Errorf("the first hop: %v", err)
	}
	if _, err := a.stack.Send(fd, []byte("x"), 0, time.Time{}); err != nil {
		t.Fatal(err)
	}
	_, err = a.stack.Recv(fd, make([]byte, 1), 0, time.Now().Add(10*time.Second))
	if !errors.Is(err, netdev.ErrConnRefused) {
		t.Errorf("the last hop: %v", err)
	}
}

// The kernel learns from the stack's ICMP error whom it is about.
func TestTheKernelUnderstandsPortUnreachable(t *testing.T) {
	l := plug(t, stack.Config{}, ether.Impairment{})
	for _, size := range []int{0, 1472, 5000} {
		c, err := stdnet.DialUDP("udp4", nil, &stdnet.UDPAddr{IP: l.board.AsSlice(), Port: 33434})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		r := raw(t, c)
		if err := setInt(r, unix.SOL_IP, unix.IP_RECVERR, 1); err != nil {
			t.Fatal(err)
		}
		// Of a long datagram DF must be off.
		setInt(r, unix.SOL_IP, unix.IP_MTU_DISCOVER, unix.IP_PMTUDISC_DONT)
		if _, err := c.Write(make([]byte, size)); err != nil {
			t.Fatal(err)
		}
		c.SetDeadline(time.Now().Add(10 * time.Second))
		oob := make([]byte, 512)
		var n int
		if e := r.Read(func(fd uintptr) bool {
			_, n, _, _, err = unix.Recvmsg(int(fd), nil, oob, unix.MSG_ERRQUEUE)
			return err != unix.EAGAIN
		}); e != nil || err != nil {
			t.Fatal(size, e, err)
		}
		messages, err := unix.ParseSocketControlMessage(oob[:n])
		if err != nil || len(messages) != 1 {
			t.Fatal(messages, err)
		}
		// struct sock_extended_err, and behind it the sender of the error.
		e := messages[0].Data
		if errno := unix.Errno(binary.NativeEndian.Uint32(e)); errno != unix.ECONNREFUSED || e[4] != unix.SO_EE_ORIGIN_ICMP || e[5] != 3 || e[6] != 3 {
			t.Errorf("%d bytes: %v, origin %d, type %d, code %d", size, errno, e[4], e[5], e[6])
		}
		if from, _ := netip.AddrFromSlice(e[20:24]); from != l.board {
			t.Errorf("%d bytes: from %v", size, from)
		}
	}
}

// Nobody answers to ARP for what is behind no router and not there.
func TestAHostThatIsNotThereIsUnreachable(t *testing.T) {
	t.Parallel()
	l := plug(t, stack.Config{}, ether.Impairment{})
	d := net.Dialer{Device: l.stack, Timeout: 20 * time.Second}
	if c, err := d.Dial("tcp4", at(l.host(77), 80)); !errors.Is(err, netdev.ErrHostUnreachable) {
		t.Errorf("%v, %v", c, err)
	}
}
