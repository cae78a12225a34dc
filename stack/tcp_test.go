package stack_test

import (
	"bytes"
	"io"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack"
)

// listen returns a listener on s.
func listen(t testing.TB, s *stack.Stack, a netip.Addr, backlog int) (int, netip.AddrPort) {
	t.Helper()
	fd := open(t, s, netdev.SOCK_STREAM)
	must(t, s.Bind(fd, at(a, 0)))
	must(t, s.Listen(fd, backlog))
	name, err := s.GetSockName(fd)
	must(t, err)
	return fd, name
}

// connected returns the ends of a connection from a to b.
func connected(t testing.TB, a, b *stack.Stack) (fa, fb int) {
	t.Helper()
	addr, err := b.Addr()
	must(t, err)
	lfd, name := listen(t, b, addr, 16)
	defer b.Close(lfd)
	fa = open(t, a, netdev.SOCK_STREAM)
	must(t, a.Connect(fa, "", name))
	fb, _, err = b.Accept(lfd)
	must(t, err)
	t.Cleanup(func() { b.Close(fb) })
	return fa, fb
}

// readAll reads a stream to its end.
func readAll(s *stack.Stack, fd int) ([]byte, error) { return readAllFor(s, fd, soon()) }

func readAllFor(s *stack.Stack, fd int, deadline time.Time) ([]byte, error) {
	var all []byte
	buf := make([]byte, 1<<16)
	for {
		n, err := s.Recv(fd, buf, 0, deadline)
		all = append(all, buf[:n]...)
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return all, err
		}
	}
}

func TestStreamsCarryBytesBothWays(t *testing.T) {
	a, b := pair(t, stack.Config{})
	fa, fb := connected(t, a, b)
	data := bytes.Repeat([]byte("all that is sent arrives, in order "), 1<<15)
	type result struct {
		got []byte
		err error
	}
	done := make(chan result, 2)
	for _, end := range []struct {
		s  *stack.Stack
		fd int
	}{{a, fa}, {b, fb}} {
		go func() {
			got, err := readAll(end.s, end.fd)
			done <- result{got, err}
		}()
		go func() {
			if _, err := end.s.Send(end.fd, data, 0, soon()); err != nil {
				t.Error(err)
			}
			if err := end.s.Shutdown(end.fd, netdev.SHUT_WR); err != nil {
				t.Error(err)
			}
		}()
	}
	for range 2 {
		r := <-done
		must(t, r.err)
		if !bytes.Equal(r.got, data) {
			t.Errorf("%d of %d bytes arrived, or others", len(r.got), len(data))
		}
	}
}

func TestStreamsOverLoopback(t *testing.T) {
	s := alone(t, stack.Config{})
	for _, addr := range []netip.Addr{home, addrA, netip.MustParseAddr("127.8.9.10")} {
		lfd, name := listen(t, s, addr, 1)
		fd := open(t, s, netdev.SOCK_STREAM)
		must(t, s.Connect(fd, "", name))
		afd, from, err := s.Accept(lfd)
		must(t, err)
		if local, _ := s.GetSockName(fd); local != from {
			t.Errorf("Accept says %v, GetSockName %v", from, local)
		}
		if n, err := s.Send(fd, []byte("hello"), 0, never); n != 5 || err != nil {
			t.Fatalf("Send = %d, %v", n, err)
		}
		must(t, s.Close(fd))
		if got, err := readAll(s, afd); string(got) != "hello" || err != nil {
			t.Fatalf("got %q, %v", got, err)
		}
		must(t, s.Close(afd))
	}
}
