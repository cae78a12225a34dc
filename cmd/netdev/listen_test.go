package main

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// listening starts "netdev listen" and returns where it listens.
func listening(t *testing.T, network string, args ...string) (p *process, address string) {
	t.Helper()
	p = start(t, append([]string{"listen"}, append(args, "127.0.0.1:0")...)...)
	line := p.line(p.stderr, "listening on "+network+" ")
	address, rest, _ := strings.Cut(line, "; ")
	if !strings.HasPrefix(rest, "the device's address is ") {
		t.Errorf("listen says only %q", line)
	}
	return p, address
}

func dial(t *testing.T, network, address string) net.Conn {
	t.Helper()
	c, err := net.Dial(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return c
}

func say(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
}

func hear(t *testing.T, c net.Conn, want string) {
	t.Helper()
	buf := make([]byte, len(want))
	if n, err := io.ReadFull(c, buf); err != nil || string(buf) != want {
		t.Errorf("heard %q (%v), want %q", buf[:n], err, want)
	}
}

func TestListenTCP(t *testing.T) {
	for _, device := range []string{"host", "bare"} {
		t.Run(device, func(t *testing.T) {
			t.Parallel()
			p, address := listening(t, "tcp", "-device", device, "-echo")
			idle := dial(t, "tcp", address)
			p.line(p.stderr, idle.LocalAddr().String()+" connected")
			c := dial(t, "tcp", address)
			p.line(p.stderr, c.LocalAddr().String()+" connected")
			say(t, c, "good day\n")
			hear(t, c, "good day\n")
			if got := p.line(p.stdout, ""); got != "good day" {
				t.Errorf("printed %q", got)
			}
			c.Close()
			p.line(p.stderr, c.LocalAddr().String()+" left after 9 bytes")
			o := p.interrupt()
			if o.code != 0 || o.stdout != "" || !strings.Contains(o.stderr, idle.LocalAddr().String()) {
				t.Errorf("interrupted: exit code %d, stdout %q, stderr %q", o.code, o.stdout, o.stderr)
			}
			if _, err := idle.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("the connection was left open: %v", err)
			}
		})
	}
}

func TestListenWithoutEchoIsSilent(t *testing.T) {
	t.Parallel()
	p, address := listening(t, "tcp", "-device", "host")
	c := dial(t, "tcp", address)
	say(t, c, "anybody there?\n")
	p.line(p.stdout, "anybody there?")
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(c); err != nil || len(text) != 0 {
		t.Errorf("heard %q, %v", text, err)
	}
}

func TestListenUDP(t *testing.T) {
	t.Parallel()
	p, address := listening(t, "udp", "-device", "host", "-u", "-echo")
	c := dial(t, "udp", address)
	say(t, c, "first\n")
	hear(t, c, "first\n")
	p.line(p.stderr, c.LocalAddr().String()+" sends 6 bytes")
	p.line(p.stdout, "first")
	if o := p.interrupt(); o.code != 0 || o.stdout != "" || o.stderr != "" {
		t.Errorf("interrupted: %+v", o)
	}
}

func TestListenWhereItCannot(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, device := range []string{"host", "bare"} {
		tool(t, "listen", "-device", device, l.Addr().String()).
			fails(t, exitFailed, "listen tcp "+l.Addr().String(), "address already in use; try another port, or :0")
	}
	tool(t, "listen", "-device", "bare", "-u").fails(t, exitFailed, "does not tell who a datagram is from", "without -u")
	tool(t, "listen", "-device", "host", "203.0.113.1:0").fails(t, exitFailed, "cannot assign requested address")
	tool(t, "listen", "-device", "host", "127.0.0.1:nosuch").fails(t, exitFailed, "nosuch")
}
