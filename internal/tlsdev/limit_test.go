//go:build !tinygo

package tlsdev_test

import (
	"crypto/tls"
	"errors"
	"io"
	stdnet "net"
	"net/netip"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/internal/tlsdev"
)

// A pipeDevice is eleven methods over pipes, for virtual time: what is sent is
// taken when the peer reads it.
type pipeDevice struct {
	peers chan stdnet.Conn // of Connect and Accept

	mu     sync.Mutex
	next   int
	conns  map[int]stdnet.Conn
	closed map[int]time.Time
	twice  bool
	done   chan struct{} // ends Accept
}

func newPipeDevice() *pipeDevice {
	return &pipeDevice{
		peers: make(chan stdnet.Conn, 16), conns: map[int]stdnet.Conn{},
		closed: map[int]time.Time{}, done: make(chan struct{}),
	}
}

func (d *pipeDevice) open(c stdnet.Conn) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.next++
	d.conns[d.next] = c
	return d.next
}

func (d *pipeDevice) get(fd int) stdnet.Conn {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.conns[fd]
}

func (d *pipeDevice) closedAt(fd int) (time.Time, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	at, ok := d.closed[fd]
	return at, ok
}

func (d *pipeDevice) GetHostByName(string) (netip.Addr, error) {
	return netip.Addr{}, netdev.ErrHostUnknown
}
func (d *pipeDevice) Addr() (netip.Addr, error)           { return netip.Addr{}, netdev.ErrNotSupported }
func (d *pipeDevice) Socket(_, _, _ int) (int, error)     { return d.open(nil), nil }
func (d *pipeDevice) Bind(int, netip.AddrPort) error      { return nil }
func (d *pipeDevice) Listen(int, int) error               { return nil }
func (d *pipeDevice) SetSockOpt(_, _, _ int, _ any) error { return nil }
func (d *pipeDevice) Connect(fd int, _ string, _ netip.AddrPort) error {
	near, far := stdnet.Pipe()
	d.mu.Lock()
	d.conns[fd] = near
	d.mu.Unlock()
	d.peers <- far
	return nil
}

func (d *pipeDevice) Accept(int) (int, netip.AddrPort, error) {
	select {
	case c := <-d.peers:
		return d.open(c), netip.AddrPort{}, nil
	case <-d.done:
		return -1, netip.AddrPort{}, netdev.ErrClosed
	}
}

func (d *pipeDevice) Send(fd int, b []byte, _ int, deadline time.Time) (int, error) {
	c := d.get(fd)
	c.SetWriteDeadline(deadline)
	n, err := c.Write(b)
	return n, told(err)
}

func (d *pipeDevice) Recv(fd int, b []byte, _ int, deadline time.Time) (int, error) {
	c := d.get(fd)
	c.SetReadDeadline(deadline)
	n, err := c.Read(b)
	return n, told(err)
}

func told(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return netdev.ErrTimeout
	}
	return err
}

func (d *pipeDevice) Close(fd int) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, again := d.closed[fd]; again {
		d.twice = true // the number may be another's
		return netdev.ErrInvalidSocketFd
	}
	d.closed[fd] = time.Now()
	if c := d.conns[fd]; c != nil {
		return c.Close()
	}
	close(d.done)
	return nil
}

func TestAClosedSocketDoesNotWaitForeverForItsPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner := newPipeDevice()
		d := tlsdev.Wrap(inner)
		fd, err := d.Socket(netdev.AF_INET, netdev.SOCK_STREAM, netdev.IPPROTO_TLS)
		must(t, err)
		must(t, d.(netdev.TLSConfigurer).ConfigureTLS(fd, both()))
		var peer stdnet.Conn
		go func() {
			peer = <-inner.peers
			tls.Server(peer, peerConfig()).Handshake() // and then it reads no more
		}()
		must(t, d.Connect(fd, "", anyPort))
		n, err := d.Send(fd, make([]byte, 1<<20), 0, time.Now().Add(time.Second))
		if err != netdev.ErrTimeout || n < 64<<10 || n > 128<<10 {
			t.Errorf("Send to a peer that does not read: %d, %v", n, err)
		}
		start := time.Now()
		must(t, d.Close(fd))
		wantErr(t, "Close again", d.Close(fd), netdev.ErrInvalidSocketFd)
		synctest.Wait()
		if at, ok := inner.closedAt(fd); ok {
			t.Errorf("what was taken is lost: closed after %v", at.Sub(start))
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if at, ok := inner.closedAt(fd); !ok || at.Sub(start) != time.Minute {
			t.Errorf("closed %v after %v, want a minute", ok, at.Sub(start))
		}
		peer.Close()
		if inner.twice {
			t.Error("closed twice")
		}
	})
}

func TestAHandshakeTakesSoLongAndNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner := newPipeDevice()
		d := tlsdev.Wrap(inner)
		lfd, err := d.Socket(netdev.AF_INET, netdev.SOCK_STREAM, netdev.IPPROTO_TLS)
		must(t, err)
		must(t, d.(netdev.TLSConfigurer).ConfigureTLS(lfd, both()))
		must(t, d.Listen(lfd, 2))
		near1, far1 := stdnet.Pipe()
		near2, far2 := stdnet.Pipe()
		near3, far3 := stdnet.Pipe()
		defer far1.Close()
		defer far2.Close()
		defer far3.Close()
		start := time.Now()
		inner.peers <- near1
		inner.peers <- near2
		inner.peers <- near3
		go tls.Client(far3, peerConfig()).Handshake()
		// Two silent peers are all that this backlog takes.
		fd, _, err := d.Accept(lfd)
		must(t, err)
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("the third peer was accepted after %v, want 10s", took)
		}
		must(t, d.Close(fd))
		must(t, d.Close(lfd))
	})
}

// An idleDevice takes and gives nothing, without an error.
type idleDevice struct {
	*pipeDevice
	sends bool
}

func (d idleDevice) Send(fd int, b []byte, flags int, deadline time.Time) (int, error) {
	if d.sends {
		return d.pipeDevice.Send(fd, b, flags, deadline)
	}
	return 0, nil
}

func (d idleDevice) Recv(fd int, b []byte, flags int, deadline time.Time) (int, error) {
	if d.sends {
		return 0, nil
	}
	return d.pipeDevice.Recv(fd, b, flags, deadline)
}

func TestADeviceThatMovesNothingIsNotAskedForever(t *testing.T) {
	for name, sends := range map[string]bool{"Recv": true, "Send": false} {
		t.Run(name, func(t *testing.T) {
			inner := newPipeDevice()
			d := tlsdev.Wrap(idleDevice{inner, sends})
			fd, err := d.Socket(netdev.AF_INET, netdev.SOCK_STREAM, netdev.IPPROTO_TLS)
			must(t, err)
			must(t, d.(netdev.TLSConfigurer).ConfigureTLS(fd, both()))
			go func() {
				peer := <-inner.peers
				t.Cleanup(func() { peer.Close() })
				peer.Read(make([]byte, 1000))
			}()
			wantErr(t, "Connect", d.Connect(fd, "", anyPort), io.ErrNoProgress)
			must(t, d.Close(fd))
		})
	}
}
