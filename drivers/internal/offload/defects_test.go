package offload_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// The defects of drivers that exist, where they were the socket layer's. The
// numbers are those of the list of wifinina's; comboat's has none.

func TestComboat_RecvThatWaitsLeavesTheDeviceToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		fd, local := connect(t, dev)
		buf := make([]byte, 10)
		waiting := start(func() (int, error) { return dev.Recv(fd, buf, 0, never) })
		synctest.Wait()
		n, err := dev.Send(fd, []byte("ping"), 0, in(time.Second))
		if n != 4 || err != nil {
			t.Fatalf("Send beside a Recv that waits: %d, %v", n, err)
		}
		chip.with(local, func(s *fakeSock) { s.in = []byte("pong") })
		if r := <-waiting; r.err != nil || string(buf[:r.n]) != "pong" {
			t.Fatalf("Recv: %q, %v", buf[:max(r.n, 0)], r.err)
		}
	})
}

func TestComboat_RecvHeedsItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, dev := newFake(t, offload.Config{})
		fd, _ := connect(t, dev)
		began := time.Now()
		_, err := dev.Recv(fd, make([]byte, 1), 0, in(70*time.Millisecond))
		want(t, "Recv", err, netdev.ErrTimeout)
		if took := time.Since(began); took != 70*time.Millisecond {
			t.Fatalf("Recv took %v, want 70ms", took)
		}
	})
}

func TestComboat_NumbersWithoutASocketAreNoCrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		fd, _ := connect(t, dev)
		must(t, dev.Close(fd))
		for _, bad := range []int{-1, 0, 1, 255, 256, fd, 1 << 30} {
			_, err := dev.Recv(bad, make([]byte, 1), 0, never)
			want(t, "Recv", err, netdev.ErrInvalidSocketFd)
			want(t, "Close", dev.Close(bad), netdev.ErrInvalidSocketFd)
			chip.core.Signal(bad)
		}
	})
}

func TestComboat_DataThatNobodyReadsBlocksNobody(t *testing.T) {
	for _, polled := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			chip, dev := newFake(t, offload.Config{Polled: polled, RecvBuffer: 1000, MaxSegment: 100})
			fd, local := connect(t, dev)
			must(t, dev.PollNotify(fd, func() {}))
			ufd, udp := bind(t, dev)
			must(t, dev.PollNotify(ufd, func() {}))
			data := pattern(5000)
			for i := range 50 {
				chip.with(local, func(s *fakeSock) { s.in = append(s.in, data[100*i:100*(i+1)]...) })
				chip.with(udp, func(s *fakeSock) { s.inbox = append(s.inbox, dgram{"undelivered", peerAddr}) })
				synctest.Wait()
			}
			time.Sleep(time.Second)
			chip.with(local, func(s *fakeSock) {
				if left := len(s.in); left < len(data)-1000 {
					t.Errorf("%d bytes were fetched that nobody reads", len(data)-left)
				}
			})
			other, o := connect(t, dev)
			chip.with(o, func(s *fakeSock) { s.echo = true })
			_, err := dev.Send(other, []byte("x"), 0, in(time.Second))
			must(t, err)
			_, err = dev.Recv(other, make([]byte, 1), 0, in(time.Second))
			must(t, err)

			got := make([]byte, 0, len(data))
			buf := make([]byte, 300)
			for len(got) < len(data) {
				n, err := dev.Recv(fd, buf, 0, in(time.Second))
				must(t, err)
				got = append(got, buf[:n]...)
			}
			if !bytes.Equal(got, data) {
				t.Fatal("what was read late is not what was sent")
			}
		})
	}
}

func TestComboat_TheNetworkMayGoAwayTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		for range 3 {
			chip.core.Up(chipAddr)
			fd, _ := connect(t, dev)
			r := start(func() (int, error) { return dev.Recv(fd, make([]byte, 1), 0, never) })
			synctest.Wait()
			chip.core.Down(nil)
			chip.core.Down(nil)
			want(t, "Recv", (<-r).err, netdev.ErrNetDown)
			want(t, "Send", second(dev.Send(fd, []byte("x"), 0, never)), netdev.ErrNetDown)
			want(t, "Socket", second(dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)), netdev.ErrNetDown)
			must(t, dev.Close(fd))
			synctest.Wait()
			if n := chip.open(); n != 0 {
				t.Fatalf("the chip still has %d sockets", n)
			}
		}
		chip.core.Stop()
		chip.core.Stop()
	})
}

func second[T any](_ T, err error) error { return err }

func TestComboat_ConnectThatIsNeverAnsweredEndsAndDelaysNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		chip.on(func(call string, id int) error {
			if call == "Connect" || call == "Connected" {
				return netdev.ErrInProgress
			}
			return nil
		})
		fd := stream(t, dev)
		r := start(func() (int, error) { return 0, dev.Connect(fd, "", peerAddr) })
		time.Sleep(time.Minute)
		u, _ := bind(t, dev)
		_, err := dev.SendTo(u, []byte("x"), 0, peerAddr, in(time.Second))
		must(t, err)
		must(t, dev.Close(fd))
		want(t, "Connect", (<-r).err, netdev.ErrClosed)

		fd = stream(t, dev)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		want(t, "ConnectContext", dev.ConnectContext(ctx, fd, "", peerAddr), context.DeadlineExceeded)
		must(t, dev.Close(fd))
		must(t, dev.Close(u))
		synctest.Wait()
		if n := chip.open(); n != 0 {
			t.Fatalf("the chip still has %d sockets", n)
		}
	})
}

func TestComboat_ThereAreServers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		fd, local := listen(t, dev, 1)
		chip.knock(local, 1)
		conn, from, err := dev.Accept(fd)
		must(t, err)
		if from != peerAddr {
			t.Fatalf("Accept returned %v", from)
		}
		must(t, dev.Close(conn))
	})
}

// knock has n peers connect to a listener, which speak first.
func (c *fakeChip) knock(port uint16, n int) (conns []*fakeSock) {
	c.with(port, func(s *fakeSock) {
		for range n {
			conn := &fakeSock{room: plenty, in: []byte("hello")}
			conns = append(conns, conn)
			s.conns = append(s.conns, conn)
			s.peers = append(s.peers, peerAddr)
		}
	})
	return conns
}

func TestDefect01_ShortCountsOfTheChipLoseNothing(t *testing.T) {
	for _, chunk := range []int{1, 7, 1000} {
		synctest.Test(t, func(t *testing.T) {
			chip, dev := newFake(t, offload.Config{})
			fd, local := connect(t, dev)
			var peer *fakeSock
			chip.with(local, func(s *fakeSock) { s.chunk, peer = chunk, s })
			data := pattern(4000)
			n, err := dev.Send(fd, data, 0, in(time.Minute))
			if n != len(data) || err != nil {
				t.Fatalf("Send: %d, %v", n, err)
			}
			must(t, dev.Close(fd))
			synctest.Wait()
			if !bytes.Equal(peer.out, data) {
				t.Fatalf("the peer got %d bytes of %d, or others", len(peer.out), len(data))
			}
		})
	}
}

func TestDefect02_AFullChipIsNoEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{SendBuffer: 1000})
		fd, local := connect(t, dev)
		var peer *fakeSock
		chip.with(local, func(s *fakeSock) { s.room, peer = 500, s })
		data := pattern(4000)
		n, err := dev.Send(fd, data, 0, in(time.Second))
		want(t, "Send", err, netdev.ErrTimeout)
		if n < 500 || n > 1500 {
			t.Fatalf("Send took %d bytes, want 500 to 1500", n)
		}
		r := start(func() (int, error) { return dev.Send(fd, data[n:], 0, in(time.Minute)) })
		synctest.Wait()
		chip.with(local, func(s *fakeSock) { s.room = plenty })
		if got := <-r; got.n != len(data)-n || got.err != nil {
			t.Fatalf("Send: %d, %v", got.n, got.err)
		}
		must(t, dev.Close(fd))
		synctest.Wait()
		if !bytes.Equal(peer.out, data) {
			t.Fatal("the peer did not get what was sent")
		}
	})
}

func TestDefect03_ClosingTheOldConnectionLeavesTheNewOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		old, local := connect(t, dev)
		chip.with(local, func(s *fakeSock) { s.end = netdev.ErrConnReset })
		want(t, "Recv", second(dev.Recv(old, make([]byte, 1), 0, never)), netdev.ErrConnReset)
		synctest.Wait() // the chip's socket is free, and used again
		fresh, local := connect(t, dev)
		must(t, dev.Close(old))
		synctest.Wait()
		chip.with(local, func(s *fakeSock) { s.echo = true })
		_, err := dev.Send(fresh, []byte("alive"), 0, in(time.Second))
		must(t, err)
		if n, err := dev.Recv(fresh, make([]byte, 10), 0, in(time.Second)); n != 5 || err != nil {
			t.Fatalf("Recv: %d, %v", n, err)
		}
		want(t, "Recv", second(dev.Recv(old, make([]byte, 1), 0, never)), netdev.ErrInvalidSocketFd)
	})
}

func TestDefect03_EndOfStreamKeepsTheChipsSocketUntilClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		fd, local := connect(t, dev)
		chip.with(local, func(s *fakeSock) { s.in, s.end = []byte("last"), io.EOF })
		buf := make([]byte, 10)
		n, err := dev.Recv(fd, buf, 0, never)
		must(t, err)
		if string(buf[:n]) != "last" {
			t.Fatalf("Recv: %q", buf[:n])
		}
		for range 3 {
			if n, err := dev.Recv(fd, buf, 0, never); n != 0 || err != io.EOF {
				t.Fatalf("Recv: %d, %v, want 0, EOF", n, err)
			}
		}
		_, err = dev.Send(fd, []byte("answer"), 0, never)
		must(t, err)
		synctest.Wait()
		chip.with(local, func(s *fakeSock) {
			if string(s.out) != "answer" {
				t.Errorf("the peer got %q", s.out)
			}
		})
	})
}

func TestDefect05_ASlowCallOfTheChipDelaysNoDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		fd, _ := connect(t, dev)
		u, _ := bind(t, dev)
		l, _ := listen(t, dev, 1)
		slow := start(func() (int, error) {
			return 0, chip.core.Do(t.Context(), func() error { time.Sleep(17 * time.Second); return nil })
		})
		accept := start(func() (int, error) { fd, _, err := dev.Accept(l); return fd, err })
		synctest.Wait()
		began := time.Now()
		passed := func(what string, want time.Duration) {
			t.Helper()
			if took := time.Since(began); took != want {
				t.Fatalf("%s took until %v, want %v", what, took, want)
			}
		}
		_, err := dev.Addr()
		must(t, err)
		passed("Addr", 0)
		_, err = dev.Recv(fd, make([]byte, 1), 0, in(time.Second))
		want(t, "Recv", err, netdev.ErrTimeout)
		passed("Recv", time.Second)
		_, _, err = dev.RecvFrom(u, make([]byte, 1), 0, in(time.Second))
		want(t, "RecvFrom", err, netdev.ErrTimeout)
		passed("RecvFrom", 2*time.Second)
		n, err := dev.Send(fd, pattern(9000), 0, in(time.Second))
		want(t, "Send", err, netdev.ErrTimeout)
		if n == 0 {
			t.Fatal("Send took nothing")
		}
		passed("Send", 3*time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		want(t, "Do", chip.core.Do(ctx, func() error { return nil }), context.DeadlineExceeded)
		passed("Do", 4*time.Second)
		must(t, dev.Close(l))
		want(t, "Accept", (<-accept).err, netdev.ErrClosed)
		if took := time.Since(began); took > 5*time.Second {
			t.Fatalf("Close took %v", took)
		}
		must(t, (<-slow).err)
	})
}

func TestDefect09_ListenOnABusyPortFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		chip.ports[80] = true
		fd := stream(t, dev)
		must(t, dev.Bind(fd, netip.AddrPortFrom(chipAddr, 80)))
		want(t, "Listen", dev.Listen(fd, 1), netdev.ErrAddrInUse)
		_, _, err := dev.Accept(fd)
		want(t, "Accept", err, netdev.ErrInvalid)
	})
}

func TestDefect09_NoPhantomIsAccepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{Polled: true})
		fd, local := listen(t, dev, 4)
		must(t, dev.SetNonblock(fd, true))
		for range 3 {
			_, _, err := dev.Accept(fd)
			want(t, "Accept", err, netdev.ErrWouldBlock)
		}
		chip.knock(local, 1)
		_, _, err := dev.Accept(fd)
		must(t, err)
		_, _, err = dev.Accept(fd)
		want(t, "Accept", err, netdev.ErrWouldBlock)
	})
}

func TestDefect10_CloseWakesAcceptAndStopsAsking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{Polled: true})
		fd, _ := listen(t, dev, 4)
		var waiting []<-chan result
		for range 3 {
			waiting = append(waiting, start(func() (int, error) { fd, _, err := dev.Accept(fd); return fd, err }))
		}
		time.Sleep(time.Second)
		must(t, dev.Close(fd))
		for _, r := range waiting {
			if got := <-r; got.n != -1 || !errors.Is(got.err, netdev.ErrClosed) {
				t.Fatalf("Accept: %d, %v", got.n, got.err)
			}
		}
		synctest.Wait()
		before := chip.total()
		time.Sleep(time.Minute)
		if after := chip.total(); after != before {
			t.Fatalf("%d calls of the chip for nobody", after-before)
		}
	})
}

func TestDefect10_TheBacklogIsWhatListenWasTold(t *testing.T) {
	for _, polled := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			chip, dev := newFake(t, offload.Config{Polled: polled})
			fd, local := listen(t, dev, 5)
			conns := chip.knock(local, 5)
			for range conns {
				conn, _, err := dev.Accept(fd)
				must(t, err)
				buf := make([]byte, 10)
				n, err := dev.Recv(conn, buf, 0, in(time.Second))
				must(t, err)
				if string(buf[:n]) != "hello" {
					t.Fatalf("Recv: %q", buf[:n])
				}
			}
		})
	}
}

func TestDefect11_SocketsThatWereOnlyBoundAreReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		chip.most = 2
		for range 100 {
			fd, _ := bind(t, dev)
			must(t, dev.Close(fd))
			fd, _ = listen(t, dev, 1)
			must(t, dev.Close(fd))
			must(t, dev.Close(stream(t, dev)))
		}
		synctest.Wait()
		if n := chip.open(); n != 0 {
			t.Fatalf("the chip still has %d sockets", n)
		}
	})
}

func TestDefect12_DatagramsKeepTheirBoundsAndSenders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{MaxDatagram: 1436})
		fd := datagram(t, dev)
		must(t, dev.Connect(fd, "", peerAddr)) // without Bind
		local := port(t, dev, fd)
		n, err := dev.Send(fd, make([]byte, 1437), 0, in(time.Second))
		want(t, "Send", err, netdev.ErrMessageTooLong)
		if n != 0 {
			t.Fatalf("Send took %d bytes of a datagram that is too long", n)
		}
		_, err = dev.Send(fd, make([]byte, 1436), 0, in(time.Second))
		must(t, err)
		synctest.Wait()
		stranger := netip.MustParseAddrPort("192.168.4.66:80")
		chip.with(local, func(s *fakeSock) {
			if len(s.outbox) != 1 || len(s.outbox[0].data) != 1436 || s.outbox[0].peer != peerAddr {
				t.Errorf("the chip sent %d datagrams", len(s.outbox))
			}
			s.inbox = []dgram{{"of a stranger", stranger}, {"first", peerAddr}, {"", peerAddr}, {"third", peerAddr}}
		})
		for _, data := range []string{"fi", "", "th"} {
			buf := make([]byte, 2)
			n, from, err := dev.RecvFrom(fd, buf, 0, in(time.Second))
			if string(buf[:n]) != data || from != peerAddr || err != nil {
				t.Fatalf("RecvFrom: %q from %v, %v, want %q", buf[:n], from, err, data)
			}
		}
	})
}

func TestDefect15_ErrorsOfTheChipKeepTheirNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{
			Resolve: func(context.Context, string) ([]netip.Addr, error) { return nil, netdev.ErrHostUnknown },
		})
		fd := stream(t, dev)
		for _, reason := range []error{netdev.ErrConnRefused, netdev.ErrConnTimedOut, netdev.ErrHostUnreachable, netdev.ErrTLSHandshake} {
			chip.on(func(call string, id int) error {
				if call == "Connect" {
					return reason
				}
				return nil
			})
			want(t, "Connect", dev.Connect(fd, "", peerAddr), reason)
		}
		want(t, "Connect", dev.Connect(fd, "nobody.test", netip.AddrPortFrom(netip.Addr{}, 80)), netdev.ErrHostUnknown)
		chip.core.Down(nil)
		a, err := dev.Addr()
		want(t, "Addr", err, netdev.ErrNetDown)
		if a.IsValid() {
			t.Fatalf("Addr returned %v", a)
		}
	})
}

func TestDefect15_CallsOnAClosedSocketDoNotFindTheNextOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		for range 300 { // more than there are slots
			fd, _ := connect(t, dev)
			r := start(func() (int, error) { return dev.Recv(fd, make([]byte, 10), 0, never) })
			synctest.Wait()
			must(t, dev.Close(fd))
			fresh, local := connect(t, dev)
			chip.with(local, func(s *fakeSock) { s.in = []byte("for the new") })
			want(t, "Recv", (<-r).err, netdev.ErrClosed)
			want(t, "Send", second(dev.Send(fd, []byte("x"), 0, never)), netdev.ErrInvalidSocketFd)
			if n, err := dev.Recv(fresh, make([]byte, 20), 0, never); n != 11 || err != nil {
				t.Fatalf("Recv: %d, %v", n, err)
			}
			must(t, dev.Close(fresh))
		}
	})
}
