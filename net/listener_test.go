//go:build !tinygo

package net_test

import (
	"errors"
	stdnet "net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/netdev-go/netdev/net"
)

func TestCloseEndsAccept(t *testing.T) {
	onEach(t, func(t *testing.T) {
		l := must[stdnet.Listener](t)(net.Listen("tcp", loopback0))
		failed := make(chan error, 3)
		for range cap(failed) {
			go func() { failed <- second(l.Accept()) }()
		}
		l.Close()
		for range cap(failed) {
			if err := <-failed; !errors.Is(err, net.ErrClosed) {
				t.Errorf("Accept: %v, want ErrClosed", err)
			}
		}
		again, err := net.Listen("tcp", l.Addr().String())
		if err != nil {
			t.Fatalf("the port is not free after Close: %v", err)
		}
		again.Close()
	})
}

func TestAcceptDeadlines(t *testing.T) {
	onEach(t, func(t *testing.T) {
		l, err := net.ListenTCP("tcp", &stdnet.TCPAddr{IP: stdnet.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		for _, after := range []time.Duration{-time.Hour, 0, time.Millisecond, 60 * time.Millisecond} {
			start := time.Now()
			l.SetDeadline(start.Add(after))
			if _, err := l.Accept(); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%v: Accept: %v, want a timeout", after, err)
			}
			if took := time.Since(start); took < after {
				t.Errorf("%v: Accept took %v", after, took)
			}
		}
		l.SetDeadline(time.Time{})
		accepted := make(chan error, 1)
		go func() {
			c, err := l.AcceptTCP()
			if err == nil {
				c.Close()
			}
			accepted <- err
		}()
		c := must[stdnet.Conn](t)(net.Dial("tcp", l.Addr().String()))
		defer c.Close()
		if err := <-accepted; err != nil {
			t.Errorf("Accept after the deadlines: %v", err)
		}
	})
}

func TestManyAcceptsEachGetAConnection(t *testing.T) {
	onEach(t, func(t *testing.T) {
		l := must[stdnet.Listener](t)(net.Listen("tcp", loopback0))
		defer l.Close()
		const n = 20
		peers := make(chan string, n)
		for range 4 {
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					peers <- c.RemoteAddr().String()
					c.Close()
				}
			}()
		}
		var group sync.WaitGroup
		for range n {
			group.Go(func() {
				c, err := net.Dial("tcp", l.Addr().String())
				if err != nil {
					t.Error(err)
					return
				}
				c.Close()
			})
		}
		group.Wait()
		seen := map[string]bool{}
		for range n {
			seen[<-peers] = true
		}
		if len(seen) != n {
			t.Errorf("%d connections were accepted, want %d", len(seen), n)
		}
	})
}

func TestAWildcardListenerHearsBothFamilies(t *testing.T) {
	onEach(t, func(t *testing.T) {
		l := must[stdnet.Listener](t)(net.Listen("tcp", ":0"))
		defer l.Close()
		_, port, _ := net.SplitHostPort(l.Addr().String())
		for _, host := range []string{"127.0.0.1", "::1"} {
			c, err := net.Dial("tcp", net.JoinHostPort(host, port))
			if err != nil {
				t.Errorf("%s: %v", host, err)
				continue
			}
			c.Close()
		}
	})
}

func TestAWildcardListenerDoesWithIPv4(t *testing.T) {
	use(t, &fake{})
	for _, address := range []string{":80", "0.0.0.0:80", "[::]:80"} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if got, want := l.Addr().String(), "0.0.0.0:80"; got != want {
			t.Errorf("%s: listens on %s, want %s", address, got, want)
		}
		l.Close()
	}
	if _, err := net.Listen("tcp6", ":80"); !errors.Is(err, syscall.EAFNOSUPPORT) {
		t.Errorf("tcp6: %v, want that there is no IPv6", err)
	}
}

func TestAnIPv6ListenerHearsNoIPv4(t *testing.T) {
	onEach(t, func(t *testing.T) {
		l := must[stdnet.Listener](t)(net.Listen("tcp6", ":0"))
		defer l.Close()
		_, port, _ := net.SplitHostPort(l.Addr().String())
		c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", port))
		if !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("Dial = %v, %v, want refused", c, err)
		}
	})
}
