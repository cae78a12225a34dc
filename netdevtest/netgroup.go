package netdevtest

import (
	"context"
	"errors"
	"io"
	stdnet "net"
	"os"
	"sync"
	"time"

	"golang.org/x/net/nettest"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/net"
)

var netGroup = Group{Name: "Net", Prefix: "NET", usesNet: true, Rules: []Rule{
	{
		ID: "NET-1", Name: "TestConn of a dialled connection", check: checkTestConnDialled, goTest: true,
		Text: "A connection of package `net` that the device dialled passes `nettest.TestConn` (under \"go test\").",
	},
	{
		ID: "NET-2", Name: "TestConn of an accepted connection", check: checkTestConnAccepted, goTest: true,
		Text: "A connection of package `net` that the device accepted passes `nettest.TestConn` (under \"go test\").",
	},
	{
		ID: "NET-3", Name: "bytes go both ways", check: checkNetBytes,
		Text: "Through package `net`, bytes go both ways on connections that were dialled and accepted, and both ends have names.",
	},
	{
		ID: "NET-4", Name: "deadline set while waiting", check: checkNetDeadline,
		Text: "A deadline that is set while `Read` waits wakes it, and another one later lets it go on.",
	},
	{
		ID: "NET-5", Name: "Close wakes", check: checkNetClose,
		Text: "`Close` wakes `Read` and `Accept` with `net.ErrClosed`.",
	},
	{
		ID: "NET-6", Name: "any method from any goroutine", check: checkNetConcurrent,
		Text: "The methods of one connection may be called from many goroutines.",
	},
	{
		ID: "NET-7", Name: "errors", check: checkNetErrors,
		Text: "Errors are `*net.OpError` around the device's: a refusal, a deadline, a name that does not exist.",
	},
	{
		ID: "NET-8", Name: "context ends a dial", check: checkNetContext,
		Text: "The end of a context ends `DialContext`.",
	},
	{
		ID: "NET-9", Name: "packets", check: checkNetPackets,
		Text: "`ListenPacket` sends to and receives from many; without `PacketNetdever` that is `errors.ErrUnsupported`.",
	},
}}

// current guards netdev.Current, of which a process has one.
var current sync.Mutex

// useDevice makes the trial's device the one of package net.
func (t *trial) useDevice() {
	current.Lock()
	before := netdev.Current()
	netdev.UseNetdev(t.raw)
	t.Cleanup(func() {
		netdev.UseNetdev(before)
		current.Unlock()
	})
}

// netDialled returns a connection that package net dialled, and the peer's end.
func (t *trial) netDialled() (own, peers stdnet.Conn, err error) {
	ln, addr := t.peerListener(inet)
	defer ln.Close()
	own, err = net.DialTimeout("tcp", addr.String(), t.cfg.Timeout)
	if err != nil {
		return nil, nil, err
	}
	peers, err = ln.Accept()
	if err != nil {
		own.Close()
	}
	return own, peers, err
}

// netListener listens through package net.
func (t *trial) netListener() (stdnet.Listener, string) {
	t.Helper()
	var err error
	for range 10 {
		addr := t.local(t.peer.FreePort()).String()
		var ln stdnet.Listener
		if ln, err = net.Listen("tcp", addr); err == nil {
			t.Cleanup(func() { ln.Close() })
			return ln, addr
		}
		if !errors.Is(err, netdev.ErrAddrInUse) {
			break
		}
	}
	t.Fatalf("net.Listen: %s", describe(err))
	return nil, ""
}

// netAccepted returns a connection that package net accepted, and the peer's
// end.
func (t *trial) netAccepted() (own, peers stdnet.Conn, err error) {
	ln, addr := t.netListener()
	defer ln.Close()
	peers, err = t.peer.DialContext(t.Context(), "tcp", addr)
	if err != nil {
		return nil, nil, err
	}
	own, err = ln.Accept()
	if err != nil {
		peers.Close()
	}
	return own, peers, err
}

func (t *trial) testConn(pipe func() (own, peers stdnet.Conn, err error)) {
	nettest.TestConn(t.test, func() (c1, c2 stdnet.Conn, stop func(), err error) {
		c1, c2, err = pipe()
		if err != nil {
			return nil, nil, nil, err
		}
		return c1, c2, func() { c1.Close(); c2.Close() }, nil
	})
	if t.test.Failed() {
		t.Error("nettest.TestConn failed, see its subtests")
	}
}

func checkTestConnDialled(t *trial)  { t.testConn(t.netDialled) }
func checkTestConnAccepted(t *trial) { t.testConn(t.netAccepted) }

// netConn returns a connection of package net, and the peer's end.
func (t *trial) netConn(pipe func() (own, peers stdnet.Conn, err error)) (own, peers stdnet.Conn) {
	t.Helper()
	own, peers, err := pipe()
	if err != nil {
		t.Fatalf("no connection through package net: %s", describe(err))
	}
	t.Cleanup(func() { own.Close() })
	return own, t.peerConn(peers)
}

// read reads from a connection of package net in its own goroutine.
func (t *trial) read(c stdnet.Conn, buf []byte) *pending {
	return t.start("Read", func() (int, error) { return c.Read(buf) })
}

func checkNetBytes(t *trial) {
	for _, pipe := range []func() (own, peers stdnet.Conn, err error){t.netDialled, t.netAccepted} {
		own, peers := t.netConn(pipe)
		own.SetDeadline(t.soonest())
		out, back := pattern(bulk, 1), pattern(bulk, 2)
		write := t.start("Write", func() (int, error) { return own.Write(out) })
		t.same("device to peer", t.peerRecv(peers, len(out)), out)
		if res := write.soon(); res.n != len(out) || res.err != nil {
			t.Fatalf("Write of %d bytes: %v", len(out), res)
		}
		go func() {
			peers.Write(back)
			peers.(interface{ CloseWrite() error }).CloseWrite()
		}()
		got, err := io.ReadAll(own)
		t.must("Read to the end", err)
		t.same("peer to device", got, back)
		if own.RemoteAddr() == nil || own.LocalAddr() == nil {
			t.Fatalf("the connection's names are %v and %v", own.LocalAddr(), own.RemoteAddr())
		}
		if got, want := peerAddr(own.RemoteAddr()), peerAddr(peers.LocalAddr()); got != want {
			t.Fatalf("RemoteAddr is %v, want %v", got, want)
		}
		t.must("Close", own.Close())
	}
}

func checkNetDeadline(t *trial) {
	own, peers := t.netConn(t.netDialled)
	buf := make([]byte, 10)
	p := t.read(own, buf)
	p.blocked()
	t.must("SetReadDeadline", own.SetReadDeadline(in(-time.Second)))
	if res := p.soon(); res.n != 0 || !errors.Is(res.err, os.ErrDeadlineExceeded) {
		t.Fatalf("Read when its deadline was set into the past: %v, want 0, a timeout", res)
	}
	t.must("SetReadDeadline", own.SetReadDeadline(in(t.cfg.Pause)))
	if res := t.read(own, buf).soon(); res.n != 0 || !errors.Is(res.err, os.ErrDeadlineExceeded) {
		t.Fatalf("Read whose deadline passed: %v, want 0, a timeout", res)
	}
	t.must("SetReadDeadline", own.SetReadDeadline(time.Time{}))
	p = t.read(own, buf)
	p.blocked()
	t.peerSend(peers, []byte("data"))
	if res := p.soon(); res.n < 1 || res.err != nil {
		t.Fatalf("Read after its deadline was taken away: %v, want bytes", res)
	}
}

func checkNetClose(t *trial) {
	own, _ := t.netConn(t.netDialled)
	p := t.read(own, make([]byte, 10))
	p.blocked()
	t.must("Close", own.Close())
	t.want("Read whose connection was closed", p.soon().err, stdnet.ErrClosed)
	t.want("Close once more", own.Close(), stdnet.ErrClosed)

	ln, _ := t.netListener()
	p = t.start("Accept", func() (int, error) {
		_, err := ln.Accept()
		return 0, err
	})
	p.blocked()
	t.must("Close", ln.Close())
	t.want("Accept whose listener was closed", p.soon().err, stdnet.ErrClosed)
}

func checkNetConcurrent(t *trial) {
	own, peers := t.netConn(t.netDialled)
	go io.Copy(peers, peers)
	var callers []*pending
	for range 4 {
		callers = append(callers, t.start("methods of one connection", func() (int, error) {
			buf := make([]byte, 512)
			for range 20 {
				own.SetReadDeadline(in(t.cfg.Pause / 10))
				own.SetWriteDeadline(in(t.cfg.Pause / 10))
				own.Read(buf)
				own.Write(buf)
				own.LocalAddr()
				own.RemoteAddr()
			}
			return 0, nil
		}))
	}
	for _, p := range callers {
		p.soon()
	}
	t.must("Close", own.Close())
}

func checkNetErrors(t *trial) {
	var op *stdnet.OpError
	if addr := t.peer.Refused(); addr.IsValid() {
		_, err := net.DialTimeout("tcp", addr.String(), t.cfg.Timeout)
		t.want("Dial to a port where nobody listens", err, netdev.ErrConnRefused)
		if !errors.As(err, &op) || op.Op != "dial" {
			t.Fatalf("Dial to a port where nobody listens: %s, want a *net.OpError of dial", describe(err))
		}
	}
	own, _ := t.netConn(t.netDialled)
	own.SetReadDeadline(in(-time.Second))
	_, err := own.Read(make([]byte, 1))
	if !errors.As(err, &op) || op.Op != "read" || !op.Timeout() {
		t.Fatalf("Read past its deadline: %s, want a *net.OpError of read that timed out", describe(err))
	}
	if name := t.peer.UnknownHost(); name != "" {
		_, err = net.DialTimeout("tcp", stdnet.JoinHostPort(name, "80"), t.cfg.Timeout)
		var dns *stdnet.DNSError
		if !errors.As(err, &dns) || !dns.IsNotFound {
			t.Fatalf("Dial to a name that does not exist: %s, want a *net.DNSError that is not found", describe(err))
		}
	}
}

func checkNetContext(t *trial) {
	addr := t.peer.BlackHole()
	if !addr.IsValid() {
		t.Skip("the network has no address that keeps silent")
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p := t.start("DialContext to an address that keeps silent", func() (int, error) {
		var d net.Dialer
		_, err := d.DialContext(ctx, "tcp", addr.String())
		return 0, err
	})
	p.blocked()
	cancel()
	if err := p.soon().err; err == nil {
		t.Fatal("DialContext whose context was cancelled: nil, want an error")
	}
}

func checkNetPackets(t *trial) {
	pc, err := net.ListenPacket("udp", t.local(t.peer.FreePort()).String())
	if t.dev.packet == nil && err != nil {
		t.want("ListenPacket without PacketNetdever", err, errors.ErrUnsupported)
		return
	}
	t.must("ListenPacket", err)
	defer pc.Close()
	pc.SetDeadline(t.soonest())
	peer, at := t.peerPacket()
	_, err = pc.WriteTo([]byte("question"), stdnet.UDPAddrFromAddrPort(at))
	if t.dev.packet == nil {
		t.want("WriteTo without PacketNetdever", err, errors.ErrUnsupported)
		return
	}
	t.must("WriteTo", err)
	_, from := t.heard(peer)
	t.tell(peer, from, []byte("answer"))
	buf := make([]byte, 100)
	n, sender, err := pc.ReadFrom(buf)
	t.must("ReadFrom", err)
	t.same("the answer", buf[:n], []byte("answer"))
	if peerAddr(sender) != at {
		t.Fatalf("ReadFrom says that the datagram is from %v, want %v", sender, at)
	}
}
