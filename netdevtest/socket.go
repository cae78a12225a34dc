package netdevtest

import (
	"bytes"
	"errors"
	"io"

	"github.com/netdev-go/netdev"
)

var socketGroup = Group{Name: "Socket", Prefix: "SOCK", Rules: []Rule{
	{
		ID: "SOCK-1", Name: "new descriptor", check: checkNewDescriptor,
		Text: "`Socket` returns a descriptor of 0 or more that no open socket has.",
	},
	{
		ID: "SOCK-2", Name: "streams and datagrams", check: checkSocketKinds,
		Text: "In `AF_INET` there are (`SOCK_STREAM`, `IPPROTO_TCP` or 0) and (`SOCK_DGRAM`, `IPPROTO_UDP` or 0).",
	},
	{
		ID: "SOCK-3", Name: "unknown family", check: checkUnknownFamily,
		Text: "An address family that the device does not have is `ErrFamilyNotSupported`.",
	},
	{
		ID: "SOCK-4", Name: "unknown type or protocol", check: checkUnknownProtocol,
		Text: "A type or a protocol that the device does not have, or that do not go together, is `ErrProtocolNotSupported`.",
	},
	{
		ID: "SOCK-5", Name: "IPv6", check: checkInet6, Optional: true,
		Text: "`AF_INET6` makes sockets that speak IPv6, or is `ErrFamilyNotSupported`.",
	},
	{
		ID: "SOCK-6", Name: "one Close makes room", check: checkNoMoreSockets,
		Text: "When the device's sockets are used up, `Socket` is `ErrNoMoreSockets`, and one `Close` makes room for one more.",
	},
	{
		ID: "SOCK-7", Name: "no plaintext in TLS's place", check: checkNoPlaintext,
		Text: "A device that cannot do TLS refuses (`SOCK_STREAM`, `IPPROTO_TLS`) with `ErrProtocolNotSupported`. Plaintext never goes out on a TLS socket.",
	},
	{
		ID: "SOCK-8", Name: "untrusted certificate", check: checkUntrustedCertificate, Optional: true,
		Text: "The peer's certificate is checked on every TLS socket: one that nobody vouches for makes `Connect` fail.",
	},
}}

func checkNewDescriptor(t *trial) {
	seen := make(map[int]bool)
	for range 4 {
		fd := t.stream()
		if fd < 0 || seen[fd] {
			t.Fatalf("Socket returned %d, open are %v", fd, seen)
		}
		seen[fd] = true
	}
}

func checkSocketKinds(t *trial) {
	for _, k := range []struct{ stype, protocol int }{
		{stream, netdev.IPPROTO_TCP}, {stream, 0}, {dgram, netdev.IPPROTO_UDP}, {dgram, 0},
	} {
		fd, err := t.dev.Socket(inet, k.stype, k.protocol)
		if err != nil {
			t.Fatalf("Socket(AF_INET, %d, %d): %s, want nil", k.stype, k.protocol, describe(err))
		}
		t.close(fd)
	}
}

// refuses opens a socket that the device must not have.
func (t *trial) refuses(domain, stype, protocol int, target error) {
	t.Helper()
	fd, err := t.dev.Socket(domain, stype, protocol)
	if err == nil {
		t.dev.Close(fd)
	}
	if !errors.Is(err, target) {
		t.Fatalf("Socket(%d, %d, %d): %d, %s, want -1, %s", domain, stype, protocol, fd, describe(err), describe(target))
	}
}

func checkUnknownFamily(t *trial) {
	for _, domain := range []int{77, 0, -1, 1 << 30} {
		t.refuses(domain, stream, netdev.IPPROTO_TCP, netdev.ErrFamilyNotSupported)
	}
}

func checkUnknownProtocol(t *trial) {
	for _, k := range []struct{ stype, protocol int }{
		{stream, netdev.IPPROTO_UDP},
		{dgram, netdev.IPPROTO_TCP},
		{dgram, netdev.IPPROTO_TLS},
		{stream, 200},
		{99, 0},
		{-1, -1},
	} {
		t.refuses(inet, k.stype, k.protocol, netdev.ErrProtocolNotSupported)
	}
}

func checkInet6(t *trial) {
	fd, err := t.dev.Socket(inet6, stream, netdev.IPPROTO_TCP)
	if errors.Is(err, netdev.ErrFamilyNotSupported) {
		t.absent("Socket(AF_INET6): %v", err)
	}
	t.must("Socket(AF_INET6)", err)
	t.closeLater(fd)
	if !t.peer.Addr(inet6).IsValid() {
		t.Skip("the network has no IPv6")
	}
	ln, addr := t.peerListener(inet6)
	t.must("Connect over IPv6", t.dev.Connect(fd, "", addr))
	t.echo(fd, t.acceptPeer(ln), 1)
}

func checkNoMoreSockets(t *trial) {
	var open []int
	for len(open) < t.cfg.MaxSockets {
		fd, err := t.dev.Socket(inet, dgram, netdev.IPPROTO_UDP)
		if err == nil {
			open = append(open, fd)
			t.closeLater(fd)
			continue
		}
		if !errors.Is(err, netdev.ErrNoMoreSockets) {
			t.Fatalf("Socket number %d: %s, want nil or ErrNoMoreSockets", len(open)+1, describe(err))
		}
		if len(open) == 0 {
			t.Fatal("the device has no socket at all")
		}
		t.close(open[0])
		fd, err = t.dev.Socket(inet, dgram, netdev.IPPROTO_UDP)
		t.must("Socket after one Close", err)
		t.closeLater(fd)
		return
	}
	t.Logf("the device gave %d sockets", len(open))
	t.close(open[0])
	open[0] = t.datagram()
}

// tlsSocket opens a TLS socket, or says that the device has none.
func (t *trial) tlsSocket() int {
	t.Helper()
	fd, err := t.dev.Socket(inet, stream, netdev.IPPROTO_TLS)
	if errors.Is(err, netdev.ErrProtocolNotSupported) {
		t.absent("Socket(IPPROTO_TLS): %v", err)
	}
	t.must("Socket(IPPROTO_TLS)", err)
	t.closeLater(fd)
	return fd
}

func checkNoPlaintext(t *trial) {
	fd, err := t.dev.Socket(inet, stream, netdev.IPPROTO_TLS)
	if err != nil {
		t.want("Socket(IPPROTO_TLS)", err, netdev.ErrProtocolNotSupported)
		return
	}
	t.closeLater(fd)
	ln, addr := t.peerListener(inet)
	heard := make(chan []byte, 1)
	go func() {
		defer close(heard)
		c, err := ln.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		c.SetReadDeadline(t.soonest())
		data, _ := io.ReadAll(c)
		heard <- data
	}()
	connect := t.start("Connect of a TLS socket", func() (int, error) {
		return 0, t.dev.Connect(fd, t.peer.Host(), addr)
	})
	// The peer does not answer a handshake, so a device that makes one waits.
	if waitFor(connect.done, 10*t.cfg.Pause) && connect.err == nil {
		t.dev.Send(fd, []byte("GET /secret HTTP/1.1\r\n\r\n"), 0, in(10*t.cfg.Pause))
	}
	t.close(fd)
	if data := <-heard; bytes.Contains(data, []byte("secret")) {
		t.Fatalf("the peer of a TLS socket read plaintext: %q", data)
	}
}

func checkUntrustedCertificate(t *trial) {
	fd := t.tlsSocket()
	addr := t.serveTLS(newAuthority(t), "untrusted.example")
	if err := t.dev.Connect(fd, "untrusted.example", addr); err == nil {
		t.Fatal("Connect to a server with a certificate that nobody vouches for: nil, want an error")
	}
}
