//go:build !tinygo

package wifinina_test

import (
	"bytes"
	"context"
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
	"github.com/netdev-go/netdev/drivers/wifinina"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/nina"
)

// What drivers for this chip have got wrong, by the rows of the list of them.

func TestDefect01_AShortCountIsNotTakenForAllOfIt(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		fd, c := w.connect()
		data := pattern(200_000)
		got := make(chan []byte, 1)
		go func() {
			b, _ := io.ReadAll(c)
			got <- b
		}()
		if n, err := w.dev.Send(fd, data, 0, soon()); n != len(data) || err != nil {
			t.Fatalf("Send: %d, %v", n, err)
		}
		must(t, w.dev.Close(fd))
		if b := <-got; !bytes.Equal(b, data) {
			t.Errorf("%d bytes of %d reached the peer, or others", len(b), len(data))
		}
	})
}

func TestDefect02_AFullBufferIsNoEndAndWhatWasSentIsTold(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		fd, c := w.connect()
		data := pattern(2_000_000)
		n, err := w.dev.Send(fd, data, 0, time.Now().Add(300*time.Millisecond))
		if n == 0 || n == len(data) || err != netdev.ErrTimeout {
			t.Fatalf("Send to a peer that does not read: %d, %v", n, err)
		}
		b := make([]byte, n)
		c.SetDeadline(soon())
		if _, err := io.ReadFull(c, b); err != nil || !bytes.Equal(b, data[:n]) {
			t.Fatalf("the %d bytes that were sent: %v", n, err)
		}
		w.works(fd, c)
	})
}

func TestDefect03_ClosingTheOldConnectionLeavesTheNewOne(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		old, c := w.connect()
		c.Close()
		if n, err := w.dev.Recv(old, make([]byte, 1), 0, soon()); n != 0 || err != io.EOF {
			t.Fatalf("Recv at the end: %d, %v", n, err)
		}
		fd, c := w.connect()
		must(t, w.dev.Close(old))
		w.works(fd, c)
	})
}

// The firmware closes sockets when the network is lost, and gives their numbers to
// the next ones.
func TestDefect03_WhatTheFirmwareClosedIsNotClosedAgain(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.dev.NetDisconnect()
		must(t, w.board.NetConnect(&netlink.ConnectParams{WatchdogTimeout: 5 * time.Millisecond}))
		back := make(chan struct{}, 2)
		w.dev.NetNotify(func(e netlink.Event) {
			if e == netlink.EventNetUp {
				back <- struct{}{}
			}
		})
		var old []int
		for range 3 {
			fd, _ := w.connect()
			old = append(old, fd)
		}
		w.board.Air.Drop("")
		if _, err := w.dev.Recv(old[0], make([]byte, 1), 0, soon()); err != netdev.ErrNetDown && err != netdev.ErrConnReset {
			t.Fatalf("Recv over a network that is lost: %v", err)
		}
		w.board.Air.Return("")
		<-back
		fd, c := w.connect()
		for _, o := range old {
			must(t, w.dev.Close(o))
		}
		w.works(fd, c)
	})
}

func TestDefect04_ASilentHostWedgesNothing(t *testing.T) {
	for _, firmware := range []string{"2.0.0", "1.4.8"} {
		inTime(t, firmware, func(t *testing.T, w *world) {
			for range 3 {
				ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
				fd := w.socket(netdev.SOCK_STREAM)
				begin := time.Now()
				want(t, "Connect to a silent host", w.dev.ConnectContext(ctx, fd, "", w.peer.BlackHole()), context.DeadlineExceeded)
				if took := time.Since(begin); took > 3100*time.Millisecond {
					t.Errorf("it took %v", took)
				}
				cancel()
				must(t, w.dev.Close(fd))
			}
			fd, c := w.connect()
			w.works(fd, c)
		})
	}
}

func TestDefect04_AResolverThatIsSlowWedgesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := slowBoard(t, "1.4.8", func(c *nina.Config, _ *wifinina.Config) { c.DNSTime = 20 * time.Second })
		must(t, w.board.NetConnect(&netlink.ConnectParams{}))
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		begin := time.Now()
		if _, err := w.dev.LookupNetIP(ctx, "ip4", "peer"); err != context.DeadlineExceeded || time.Since(begin) != time.Second {
			t.Errorf("LookupNetIP: %v after %v", err, time.Since(begin))
		}
		if a, err := w.dev.GetHostByName("peer"); err != nil || a != w.peer.Addr(netdev.AF_INET) {
			t.Errorf("GetHostByName, with patience: %v, %v", a, err)
		}
		fd, c := w.connect()
		w.works(fd, c)
	})
}

func TestDefect05_WhatTheChipIsBusyWithDelaysNoDeadline(t *testing.T) {
	inTime(t, "1.4.8", func(t *testing.T, w *world) {
		fd, _ := w.connect()
		busy := w.socket(netdev.SOCK_STREAM)
		outcome := make(chan error, 1)
		go func() { outcome <- w.dev.Connect(busy, "", w.peer.BlackHole()) }()
		time.Sleep(time.Second) // the chip waits for the black hole by now
		timed := func(what string, limit time.Duration, f func()) {
			t.Helper()
			begin := time.Now()
			if f(); time.Since(begin) > limit {
				t.Errorf("%s took %v", what, time.Since(begin))
			}
		}
		timed("Addr", 0, func() { w.addr() })
		timed("Recv with a deadline", 200*time.Millisecond, func() {
			_, err := w.dev.Recv(fd, make([]byte, 1), 0, time.Now().Add(200*time.Millisecond))
			want(t, "Recv", err, netdev.ErrTimeout)
		})
		timed("Close", 0, func() { must(t, w.dev.Close(busy)) })
		want(t, "Connect", <-outcome, netdev.ErrClosed)
		timed("NetDisconnect", 6*time.Second, w.dev.NetDisconnect)
	})
}

// With today's firmware nobody waits at all.
func TestDefect05_AConnectionThatIsBeingMadeDelaysNobody(t *testing.T) {
	inTime(t, "2.0.0", func(t *testing.T, w *world) {
		busy := w.socket(netdev.SOCK_STREAM)
		outcome := make(chan error, 1)
		go func() { outcome <- w.dev.Connect(busy, "", w.peer.BlackHole()) }()
		synctest.Wait()
		begin := time.Now()
		fd, c := w.connect()
		w.works(fd, c)
		if took := time.Since(begin); took > 200*time.Millisecond {
			t.Errorf("a connection beside it took %v", took)
		}
		must(t, w.dev.Close(busy))
		want(t, "Connect", <-outcome, netdev.ErrClosed)
	})
}

func TestDefect06_ConnectingAndDisconnectingNeverHangs(t *testing.T) {
	inTime(t, "2.0.0", func(t *testing.T, w *world) {
		w.dev.NetDisconnect()
		for range 50 {
			must(t, w.board.NetConnect(&netlink.ConnectParams{WatchdogTimeout: 3 * time.Millisecond}))
			time.Sleep(5 * time.Millisecond)
			w.dev.NetDisconnect()
		}
		// Also beside each other.
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range 5 {
					w.board.NetConnect(&netlink.ConnectParams{WatchdogTimeout: 3 * time.Millisecond, Retries: 1})
					w.dev.NetDisconnect()
				}
			})
		}
		all.Wait()
	})
}

func TestDefect07_TheCallbackMayCallTheDevice(t *testing.T) {
	inTime(t, "2.0.0", func(t *testing.T, w *world) {
		w.dev.NetDisconnect()
		told := make(chan error, 10)
		w.dev.NetNotify(func(e netlink.Event) {
			_, err := w.dev.Addr()
			if e == netlink.EventNetUp {
				if _, err := w.dev.RSSI(); err != nil {
					t.Errorf("RSSI: %v", err)
				}
				fd, err := w.dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
				if err != nil {
					t.Errorf("Socket: %v", err)
				}
				w.dev.Close(fd)
			}
			told <- err
		})
		must(t, w.board.NetConnect(&netlink.ConnectParams{}))
		want(t, "Addr when the link is up", <-told, nil)
		w.dev.NetDisconnect()
		want(t, "Addr when the link is down", <-told, netdev.ErrNetDown)
	})
}

func TestDefect08_AListenerThatIsClosedIsClosed(t *testing.T) {
	inTime(t, "2.0.0", func(t *testing.T, w *world) {
		for range 3 {
			l, addr := w.serve()
			w.dial(addr)
			must(t, w.dev.Close(l))
			if c, err := w.peer.DialContext(context.Background(), "tcp4", addr.String()); !errors.Is(err, netdev.ErrConnRefused) {
				c.Close()
				t.Errorf("dialling a listener that was closed: %v", err)
			}
		}
	})
}

// Old firmware cannot close it: nobody is left waiting there, at least, and the port
// is to be had again.
func TestDefect08_WhatOldFirmwareGoesOnAcceptingIsTurnedAway(t *testing.T) {
	inTime(t, "1.4.8", func(t *testing.T, w *world) {
		l, addr := w.serve()
		must(t, w.dev.Close(l))
		c := w.dial(addr)
		c.Write([]byte("anybody?"))
		c.SetDeadline(soon())
		if n, err := c.Read(make([]byte, 1)); n != 0 || err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a connection to a listener that was closed read %d, %v", n, err)
		}
		for range 12 {
			l = w.socket(netdev.SOCK_STREAM)
			must(t, w.dev.Bind(l, netip.AddrPortFrom(netip.Addr{}, addr.Port())))
			must(t, w.dev.Listen(l, 1))
			must(t, w.dev.Close(l))
		}
	})
}

func TestDefect09_APortInUseIsNoListener(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		// The chip itself has it.
		fd, err := w.board.Network.Stack.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
		must(t, err)
		port := netip.AddrPortFrom(netip.IPv4Unspecified(), 8791)
		must(t, w.board.Network.Stack.Bind(fd, port))
		must(t, w.board.Network.Stack.Listen(fd, 1))
		l := w.socket(netdev.SOCK_STREAM)
		err = w.dev.Bind(l, port)
		if err == nil {
			err = w.dev.Listen(l, 1)
		}
		want(t, "a listener at a port in use", err, netdev.ErrAddrInUse)
		n, peer, err := w.dev.Accept(l)
		if n != -1 || err != netdev.ErrInvalid {
			t.Errorf("Accept of it: %d, %v, %v", n, peer, err)
		}
	})
}

func TestDefect10_CloseEndsAccept(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		l, _ := w.serve()
		done := make(chan error, 1)
		go func() {
			_, _, err := w.dev.Accept(l)
			done <- err
		}()
		for {
			if s, _ := w.dev.Sockets(); len(s) == 1 {
				break
			}
		}
		must(t, w.dev.Close(l))
		if err := <-done; err != netdev.ErrClosed && err != netdev.ErrInvalidSocketFd {
			t.Errorf("Accept: %v", err)
		}
	})
}

func TestDefect10_EveryConnectionInTheBacklogIsAccepted(t *testing.T) {
	inTime(t, "2.0.0", func(t *testing.T, w *world) {
		l, addr := w.serve()
		names := make(map[string]bool)
		for range 5 {
			names[w.dial(addr).LocalAddr().String()] = true // and says nothing
		}
		for range 5 {
			_, peer, err := w.dev.Accept(l)
			must(t, err)
			if !names[peer.String()] {
				t.Errorf("%v was accepted, of %v", peer, names)
			}
			delete(names, peer.String())
		}
	})
}

func TestDefect10_OldFirmwareAcceptsWhoSpeaks(t *testing.T) {
	inTime(t, "1.4.8", func(t *testing.T, w *world) {
		l, addr := w.serve()
		for range 3 {
			c := w.dial(addr)
			c.Write([]byte("hello"))
			fd, peer, err := w.dev.Accept(l)
			must(t, err)
			if peer.String() != c.LocalAddr().String() {
				t.Errorf("%v was accepted, and not %v", peer, c.LocalAddr())
			}
			b := make([]byte, 5)
			if n, err := w.dev.Recv(fd, b, 0, soon()); n != 5 || string(b) != "hello" || err != nil {
				t.Fatalf("Recv: %q, %v", b[:n], err)
			}
			w.works(fd, c)
			must(t, w.dev.Close(fd))
		}
	})
}

func TestDefect11_DatagramSocketsAreGivenBack(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		for i := range 40 {
			fd := w.socket(netdev.SOCK_DGRAM)
			if err := w.dev.Bind(fd, anyPort); err != nil {
				t.Fatalf("Bind number %d: %v", i, err)
			}
			must(t, w.dev.Close(fd))
		}
	})
}

func TestDefect12_ADatagramIsOneAndItsRestIsDropped(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		c, addr := w.packets()
		fd := w.socket(netdev.SOCK_DGRAM)
		must(t, w.dev.Connect(fd, "", addr)) // and no Bind
		data := pattern(1472)
		for _, n := range []int{1, 1436, 1437, 1472} {
			if m, err := w.dev.Send(fd, data[:n], 0, soon()); m != n || err != nil {
				t.Fatalf("Send of %d bytes: %d, %v", n, m, err)
			}
			b := make([]byte, 2000)
			c.SetDeadline(soon())
			m, from, err := c.ReadFrom(b)
			if err != nil || !bytes.Equal(b[:m], data[:n]) {
				t.Fatalf("a datagram of %d bytes arrived with %d, %v", n, m, err)
			}
			for _, text := range []string{"one datagram", "another"} {
				if _, err := c.WriteTo([]byte(text), from); err != nil {
					t.Fatal(err)
				}
			}
			for _, text := range []string{"one", "ano"} {
				m, peer, err := w.dev.RecvFrom(fd, b[:3], 0, soon())
				if err != nil || string(b[:m]) != text || peer != addr {
					t.Fatalf("RecvFrom: %q from %v, %v", b[:m], peer, err)
				}
			}
		}
		n, err := w.dev.Send(fd, pattern(1473), 0, soon())
		if n != 0 || err != netdev.ErrMessageTooLong {
			t.Errorf("Send of 1473 bytes: %d, %v", n, err)
		}
	})
}

// Old firmware keeps one address for the sender that waits and for the receiver.
func TestDefect12_WhoSentADatagramIsToldWhileOthersAreSent(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		one, first := w.packets()
		_, second := w.packets()
		fd := w.socket(netdev.SOCK_DGRAM)
		must(t, w.dev.Bind(fd, anyPort))
		name, err := w.dev.GetSockName(fd)
		must(t, err)
		to := stdnet.UDPAddrFromAddrPort(netip.AddrPortFrom(w.addr(), name.Port()))
		for range 20 {
			if _, err := one.WriteTo([]byte("from one"), to); err != nil {
				t.Fatal(err)
			}
			// The chip has it before it is told to send another.
			for {
				ev, err := w.dev.Poll(fd)
				must(t, err)
				if ev&netdev.PollIn != 0 {
					break
				}
			}
			if _, err := w.dev.SendTo(fd, []byte("to two"), 0, second, soon()); err != nil {
				t.Fatal(err)
			}
			b := make([]byte, 20)
			n, from, err := w.dev.RecvFrom(fd, b, 0, soon())
			if err != nil || string(b[:n]) != "from one" || from != first {
				t.Fatalf("%q from %v, %v, want it from %v", b[:n], from, err, first)
			}
		}
	})
}

func TestDefect13_AnIPv6AddressIsAnError(t *testing.T) {
	inTime(t, "2.0.0", func(t *testing.T, w *world) {
		addr := netip.MustParseAddrPort("[2001:db8::1]:80")
		fd := w.socket(netdev.SOCK_STREAM)
		want(t, "Connect", w.dev.Connect(fd, "", addr), netdev.ErrFamilyNotSupported)
		if err := w.dev.Connect(fd, "2001:db8::1", netip.AddrPortFrom(netip.Addr{}, 80)); err == nil {
			t.Error("Connect by its text: nil")
		}
		fd = w.socket(netdev.SOCK_DGRAM)
		if _, err := w.dev.SendTo(fd, []byte("x"), 0, addr, soon()); err != netdev.ErrFamilyNotSupported {
			t.Errorf("SendTo: %v", err)
		}
		if _, err := w.dev.Ping(context.Background(), addr.Addr(), nil); err != netdev.ErrFamilyNotSupported {
			t.Errorf("Ping: %v", err)
		}
	})
}

func TestDefect13_MoreThanABufferHoldsStaysForTheNext(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		fd, c := w.connect()
		data := pattern(5000)
		go c.Write(data)
		var got []byte
		for n := 1; len(got) < len(data); n = n%200 + 1 {
			b := make([]byte, n+1)
			b[n] = 0xA5
			m, err := w.dev.Recv(fd, b[:n], 0, soon())
			if err != nil || b[n] != 0xA5 {
				t.Fatalf("Recv into %d bytes: %d, %v, and behind them %#x", n, m, err, b[n])
			}
			got = append(got, b[:m]...)
		}
		if !bytes.Equal(got, data) {
			t.Error("other bytes arrived")
		}
	})
}

func TestDefect14_TheHardwareAddressIsTheCallers(t *testing.T) {
	inTime(t, "2.0.0", func(t *testing.T, w *world) {
		first, err := w.dev.GetHardwareAddr()
		must(t, err)
		keep := first.String()
		first[0] = 0xFF
		second, err := w.dev.GetHardwareAddr()
		must(t, err)
		fd, c := w.connect()
		w.works(fd, c)
		if second.String() != keep {
			t.Errorf("%v became %v", keep, second)
		}
		if mac, err := w.board.Network.GetHardwareAddr(); err != nil || mac.String() != keep {
			t.Errorf("the chip's address is %v, and not %v", mac, keep)
		}
	})
}

func TestDefect15_ErrorsTellWhatIsWrong(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		connect := func(host string, addr netip.AddrPort) error {
			return w.dev.Connect(w.socket(netdev.SOCK_STREAM), host, addr)
		}
		want(t, "a port that refuses", connect("", w.peer.Refused()), netdev.ErrConnRefused)
		if err := connect("nobody.netdev", netip.AddrPortFrom(netip.Addr{}, 80)); !errors.Is(err, netdev.ErrHostUnknown) {
			t.Errorf("a name that does not exist: %v", err)
		}
		fd, c := w.connect()
		must(t, w.dev.Close(fd))
		c.Close()
		_, err := w.dev.Recv(fd, make([]byte, 1), 0, soon())
		want(t, "Recv of what was closed", err, netdev.ErrInvalidSocketFd)
		_, err = w.dev.Send(fd, make([]byte, 1), 0, soon())
		want(t, "Send to what was closed", err, netdev.ErrInvalidSocketFd)
		w.dev.NetDisconnect()
		if a, err := w.dev.Addr(); err != netdev.ErrNetDown || a.IsValid() {
			t.Errorf("Addr of a device that is not connected: %v, %v", a, err)
		}
		_, err = w.dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
		want(t, "Socket of a device that is not connected", err, netdev.ErrNetDown)
	})
}

func TestDefect15_AHostThatIsSilentTimesOut(t *testing.T) {
	for _, firmware := range []string{"2.0.0", "1.4.8"} {
		inTime(t, firmware, func(t *testing.T, w *world) {
			fd := w.socket(netdev.SOCK_STREAM)
			want(t, "Connect to a silent host", w.dev.Connect(fd, "", w.peer.BlackHole()), netdev.ErrConnTimedOut)
		})
	}
}
