package espat

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/netdev-go/netdev"
)

// A tlsLink is TLS on a link. A goroutine of its own receives, as far as there is
// room.
type tlsLink struct {
	conn *tls.Conn
	poke func()

	mu   sync.Mutex
	room sync.Cond
	got  []byte
	err  error
}

// startTLS does the handshake. Without CIPSSLCCONF nothing is checked.
func (s *session) startTLS(ctx context.Context, l *link, host string) error {
	s.mu.Lock()
	o := s.options[l.id]
	s.mu.Unlock()
	config := &tls.Config{InsecureSkipVerify: true, ServerName: o.sni}
	if o.auth&2 != 0 {
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(s.chip.config.Roots)
		config.VerifyConnection = func(state tls.ConnectionState) error {
			opts := x509.VerifyOptions{Roots: roots, DNSName: o.name, Intermediates: x509.NewCertPool()}
			for _, cert := range state.PeerCertificates[1:] {
				opts.Intermediates.AddCert(cert)
			}
			_, err := state.PeerCertificates[0].Verify(opts)
			return err
		}
	}
	t := &tlsLink{conn: tls.Client(&socketConn{s: s, fd: l.fd}, config), poke: s.poke}
	t.room.L = &t.mu
	if err := t.conn.HandshakeContext(ctx); err != nil {
		return err
	}
	l.tls = t
	s.task(t.receive)
	return nil
}

// receive fills the buffer until the connection ends.
func (t *tlsLink) receive() {
	var buf [maxActive]byte
	for {
		n, err := t.conn.Read(buf[:])
		t.mu.Lock()
		t.got = append(t.got, buf[:n]...)
		t.err = err
		for t.err == nil && len(t.got) > window-maxActive {
			t.room.Wait()
		}
		over := t.err != nil
		t.mu.Unlock()
		t.poke()
		if over {
			return
		}
	}
}

func (t *tlsLink) recv(b []byte, flags int) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := copy(b, t.got)
	if n == 0 {
		if t.err != nil {
			return 0, t.err
		}
		return 0, netdev.ErrWouldBlock
	}
	if flags&netdev.MSG_PEEK == 0 {
		t.got = append(t.got[:0], t.got[n:]...)
		t.room.Signal()
	}
	return n, nil
}

func (t *tlsLink) send(b []byte, deadline time.Time) (int, error) {
	t.conn.SetWriteDeadline(deadline)
	return t.conn.Write(b)
}

// close ends the receiver; the socket is closed by the link.
func (t *tlsLink) close() {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.err = net.ErrClosed
	t.room.Signal()
}

// socketConn is a socket of the network as a net.Conn.
type socketConn struct {
	s  *session
	fd int

	mu     sync.Mutex
	rd, wd time.Time
}

func (c *socketConn) Read(b []byte) (int, error) {
	c.mu.Lock()
	d := c.rd
	c.mu.Unlock()
	return c.s.net.Recv(c.fd, b, 0, d)
}

func (c *socketConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	d := c.wd
	c.mu.Unlock()
	return c.s.net.Send(c.fd, b, 0, d)
}

func (c *socketConn) Close() error         { return c.s.net.Close(c.fd) }
func (c *socketConn) LocalAddr() net.Addr  { return net.TCPAddrFromAddrPort(netip.AddrPort{}) }
func (c *socketConn) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(netip.AddrPort{}) }

func (c *socketConn) SetDeadline(t time.Time) error {
	c.SetReadDeadline(t)
	return c.SetWriteDeadline(t)
}

func (c *socketConn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rd = t
	return nil
}

func (c *socketConn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wd = t
	return nil
}

func init() {
	register("CIPSSLCCONF", nil, func(c *call) error {
		return c.each(func(i int, o linkOptions) { c.s.linef("+CIPSSLCCONF:%d,%d,%d,%d\r\n", i, o.auth, o.pki, o.ca) })
	}, func(c *call) error {
		id, auth, pki, ca := c.linkID(maxLinks), c.number(0, 3, -1), c.number(0, 9, 0), c.number(0, 9, 0)
		if !c.complete() {
			return errParameters
		}
		c.s.forLinks(id, func(o *linkOptions) { o.auth, o.pki, o.ca = auth, pki, ca })
		return nil
	})
	register("CIPSSLCSNI", nil, func(c *call) error {
		return c.each(func(i int, o linkOptions) { c.s.linef("+CIPSSLCSNI:%d,%s\r\n", i, quote(o.sni)) })
	}, func(c *call) error {
		id, name := c.linkID(maxLinks), c.text(64)
		if !c.complete() {
			return errParameters
		}
		c.s.forLinks(id, func(o *linkOptions) { o.sni = name })
		return nil
	})
	register("CIPSSLCCN", nil, func(c *call) error {
		return c.each(func(i int, o linkOptions) { c.s.linef("+CIPSSLCCN:%d,%s\r\n", i, quote(o.name)) })
	}, func(c *call) error {
		id, name := c.linkID(maxLinks), c.text(64)
		if !c.complete() {
			return errParameters
		}
		c.s.forLinks(id, func(o *linkOptions) { o.name = name })
		return nil
	})
}

// each tells of the options of every link.
func (c *call) each(f func(i int, o linkOptions)) error {
	c.s.mu.Lock()
	list := c.s.options
	c.s.mu.Unlock()
	for i, o := range list {
		f(i, o)
	}
	return nil
}
