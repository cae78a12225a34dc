//go:build !tinygo

package net_test

import (
	"bytes"
	"errors"
	"io"
	stdnet "net"
	"net/netip"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/net"
)

// slice is how late a call may notice what its device does not tell it.
const slice = 50 * time.Millisecond

func dialFake(t *testing.T, f netdev.Netdever, network string) stdnet.Conn {
	t.Helper()
	use(t, f)
	c, err := net.Dial(network, "10.0.0.1:80")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestWriteGoesOnAfterShortSends(t *testing.T) {
	var sent []byte
	f := &fake{send: func(b []byte, _ time.Time) (int, error) {
		n := min(3, len(b))
		sent = append(sent, b[:n]...)
		if len(sent)%2 == 0 {
			return n, netdev.ErrTimeout // the slice ended in the middle
		}
		return n, nil
	}}
	want := []byte("a message of many parts")
	n, err := dialFake(t, f, "tcp").Write(want)
	if n != len(want) || err != nil {
		t.Errorf("Write = %d, %v, want %d", n, err, len(want))
	}
	if !bytes.Equal(sent, want) {
		t.Errorf("sent %q, want %q", sent, want)
	}
}

func TestWriteReturnsWhatWasSentBesideAnError(t *testing.T) {
	for _, lost := range []int{-1, 0, 2} {
		calls := 0
		f := &fake{send: func(b []byte, _ time.Time) (int, error) {
			if calls++; calls == 1 {
				return 4, nil
			}
			return lost, netdev.ErrConnReset
		}}
		n, err := dialFake(t, f, "tcp").Write(make([]byte, 10))
		if want := 4 + max(lost, 0); n != want {
			t.Errorf("with %d beside the error: Write = %d, want %d", lost, n, want)
		}
		if !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("Write: %v, want a reset", err)
		}
	}
}

func TestWriteRepeatsNothingThatMayHaveBeenSent(t *testing.T) {
	calls := 0
	f := &fake{send: func(b []byte, _ time.Time) (int, error) {
		calls++
		return -1, netdev.ErrTimeout
	}}
	n, err := dialFake(t, f, "tcp").Write(make([]byte, 10))
	if n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("Write = %d, %v, want 0 and a timeout", n, err)
	}
	if calls != 1 {
		t.Errorf("Send was called %d times, want once", calls)
	}
}

func TestCallsThatMoveNothingEnd(t *testing.T) {
	f := &fake{
		send: func([]byte, time.Time) (int, error) { return 0, nil },
		recv: func([]byte, time.Time) (int, error) { return 0, nil },
	}
	c := dialFake(t, f, "tcp")
	if n, err := c.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("Read = %d, %v, want io.ErrNoProgress", n, err)
	}
	if n, err := c.Write(make([]byte, 1)); n != 0 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("Write = %d, %v, want io.ErrUnexpectedEOF", n, err)
	}
}

func TestImpossibleCountsAreErrors(t *testing.T) {
	f := &fake{
		send: func(b []byte, _ time.Time) (int, error) { return len(b) + 1, nil },
		recv: func(b []byte, _ time.Time) (int, error) { return len(b) + 1, nil },
	}
	for _, network := range []string{"tcp", "udp"} {
		c := dialFake(t, f, network)
		if n, err := c.Read(make([]byte, 1)); n != 0 || err == nil {
			t.Errorf("%s: Read = %d, %v, want an error", network, n, err)
		}
		if n, err := c.Write(make([]byte, 1)); n != 0 || err == nil {
			t.Errorf("%s: Write = %d, %v, want an error", network, n, err)
		}
	}
}

func TestCloseEndsCallsThatTheDeviceDoesNotWake(t *testing.T) {
	for name, call := range map[string]func(stdnet.Conn) error{
		"Read":  func(c stdnet.Conn) error { return second(c.Read(make([]byte, 1))) },
		"Write": func(c stdnet.Conn) error { return second(c.Write(make([]byte, 1))) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := dialFake(t, &fake{send: untilDeadline}, "tcp")
				inDevice, waiting := make(chan error, 1), make(chan error, 1)
				go func() { inDevice <- call(c) }()
				synctest.Wait()
				go func() { waiting <- call(c) }()
				synctest.Wait()
				start := time.Now()
				c.Close()
				if took := time.Since(start); took != 0 {
					t.Errorf("Close took %v", took)
				}
				if err := <-waiting; !errors.Is(err, net.ErrClosed) {
					t.Errorf("the call that waited: %v, want ErrClosed", err)
				}
				if took := time.Since(start); took != 0 {
					t.Errorf("the call that waited ended after %v", took)
				}
				if err := <-inDevice; !errors.Is(err, net.ErrClosed) {
					t.Errorf("the call in the device: %v, want ErrClosed", err)
				}
				if took := time.Since(start); took > slice {
					t.Errorf("the call in the device ended after %v", took)
				}
			})
		})
	}
}

func TestADeadlineSetMeanwhileEndsACallInTheDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dialFake(t, &fake{}, "tcp")
		failed := make(chan error, 1)
		go func() { failed <- second(c.Read(make([]byte, 1))) }()
		synctest.Wait()
		start := time.Now()
		c.SetReadDeadline(start.Add(120 * time.Millisecond))
		if err := <-failed; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Read: %v, want a timeout", err)
		}
		if took := time.Since(start); took < 120*time.Millisecond || took > 120*time.Millisecond+slice {
			t.Errorf("Read ended after %v, want 120ms", took)
		}
	})
}

func TestADeviceThatGivesUpEarlyIsNotAskedWithoutPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		f := &fake{recv: func([]byte, time.Time) (int, error) {
			calls++
			return 0, netdev.ErrTimeout
		}}
		c := dialFake(t, f, "tcp")
		c.SetReadDeadline(time.Now().Add(time.Second))
		c.Read(make([]byte, 1))
		if most := int(time.Second/slice) + 2; calls > most {
			t.Errorf("Recv was called %d times in a second, want at most %d", calls, most)
		}
	})
}

func TestBlockingAcceptIsCalledOnceAndLosesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		peer := netip.MustParseAddrPort("10.0.0.9:1234")
		var calls atomic.Int32
		arrive := make(chan struct{})
		f := &fake{}
		f.accept = func(int) (int, netip.AddrPort, error) {
			calls.Add(1)
			<-arrive
			return f.newFd(), peer, nil
		}
		use(t, f)
		l := must[stdnet.Listener](t)(net.Listen("tcp", ":80"))
		for range 3 {
			l.(*net.TCPListener).SetDeadline(time.Now().Add(time.Second))
			if _, err := l.Accept(); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatalf("Accept: %v, want a timeout", err)
			}
		}
		if n := calls.Load(); n != 1 {
			t.Errorf("the device's Accept was called %d times, want once", n)
		}
		arrive <- struct{}{} // for an Accept that nobody waits for
		l.(*net.TCPListener).SetDeadline(time.Time{})
		c := must[stdnet.Conn](t)(l.Accept())
		if got := c.RemoteAddr().String(); got != peer.String() {
			t.Errorf("RemoteAddr = %s, want %s", got, peer)
		}
		if got, want := c.LocalAddr().String(), "10.0.0.2:80"; got != want {
			t.Errorf("LocalAddr = %s, want %s", got, want)
		}

		failed := make(chan error, 1)
		go func() { failed <- second(l.Accept()) }()
		synctest.Wait()
		start := time.Now()
		l.Close()
		if err := <-failed; !errors.Is(err, net.ErrClosed) {
			t.Errorf("Accept: %v, want ErrClosed", err)
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("Accept ended %v after Close", took)
		}
		close(arrive) // too late: there is no listener any more
		synctest.Wait()
		c.Close()
		if n := f.sockets(); n != 0 {
			t.Errorf("%d sockets are open at the end", n)
		}
	})
}

func TestAcceptOfGarbageIsAnErrorAndNotTheEnd(t *testing.T) {
	f := &fake{}
	answers := []struct {
		fd  int
		err error
	}{{-1, nil}, {-7, netdev.ErrNoBuffers}, {0, netdev.ErrConnAborted}, {100, nil}}
	f.accept = func(int) (int, netip.AddrPort, error) {
		a := answers[0]
		answers = answers[1:]
		return a.fd, netip.AddrPort{}, a.err
	}
	use(t, f)
	l := must[stdnet.Listener](t)(net.Listen("tcp", ":80"))
	defer l.Close()
	for range 2 {
		if c, err := l.Accept(); err == nil {
			t.Errorf("Accept returned %v", c)
		}
	}
	c := must[stdnet.Conn](t)(l.Accept()) // past a peer that left
	if got := c.RemoteAddr().(*stdnet.TCPAddr); got.IP != nil || got.Port != 0 {
		t.Errorf("RemoteAddr = %v, which the device did not tell", got)
	}
	c.Close()
}

func TestAConnectWithoutEndIsLeftBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end := make(chan struct{})
		defer close(end)
		f := &fake{connect: func(int, string, netip.AddrPort) error {
			<-end
			return nil
		}}
		use(t, f)
		start := time.Now()
		_, err := net.DialTimeout("tcp", "10.0.0.1:80", time.Second)
		if e, ok := err.(stdnet.Error); !ok || !e.Timeout() {
			t.Errorf("Dial: %v, want a timeout", err)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("Dial took %v", took)
		}
		if n := f.sockets(); n != 0 {
			t.Errorf("%d sockets are open after the dial", n)
		}
	})
}

func TestALocalPortIsChosenWhereTheDeviceTellsNone(t *testing.T) {
	var bound []netip.AddrPort
	f := &fake{bind: func(_ int, at netip.AddrPort) error {
		bound = append(bound, at)
		if len(bound) < 3 {
			return netdev.ErrAddrInUse
		}
		return nil
	}}
	c := dialFake(t, f, "tcp")
	for _, b := range bound {
		if b.Port() < 49152 {
			t.Errorf("port %d is none of the ephemeral ones", b.Port())
		}
	}
	if len(bound) != 3 {
		t.Errorf("%d ports were tried, want 3", len(bound))
	}
	want := netip.AddrPortFrom(fakeAddr, bound[len(bound)-1].Port()).String()
	if got := c.LocalAddr().String(); got != want {
		t.Errorf("LocalAddr = %s, want %s", got, want)
	}
	c.Close()
	if n := f.sockets(); n != 0 {
		t.Errorf("%d sockets are open at the end", n)
	}
}

func TestADeviceThatCannotBindStillConnects(t *testing.T) {
	f := &fake{bind: func(int, netip.AddrPort) error { return netdev.ErrNotSupported }}
	if got, want := dialFake(t, f, "tcp").LocalAddr().String(), "10.0.0.2:0"; got != want {
		t.Errorf("LocalAddr = %s, want %s", got, want)
	}
	local := &stdnet.TCPAddr{Port: 5000}
	_, err := (&net.Dialer{LocalAddr: local}).Dial("tcp", "10.0.0.1:80")
	if !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Dial from a port that was asked for: %v, want ErrUnsupported", err)
	}
}

func TestNoPortLeftIsAnError(t *testing.T) {
	f := &fake{bind: func(int, netip.AddrPort) error { return netdev.ErrAddrInUse }}
	use(t, f)
	if _, err := net.Dial("tcp", "10.0.0.1:80"); !errors.Is(err, netdev.ErrAddrInUse) {
		t.Errorf("Dial: %v, want ErrAddrInUse", err)
	}
	if _, err := net.Listen("tcp", ":0"); !errors.Is(err, netdev.ErrAddrInUse) {
		t.Errorf("Listen: %v, want ErrAddrInUse", err)
	}
	if n := f.sockets(); n != 0 {
		t.Errorf("%d sockets are open at the end", n)
	}
}
