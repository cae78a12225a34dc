package offload_test

import (
	"bytes"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// stalled returns a stream whose peer does not read, with n bytes that Send took.
func stalled(t *testing.T, chip *fakeChip, dev *device, n int) (fd int, peer *fakeSock) {
	t.Helper()
	fd, local := connect(t, dev)
	chip.with(local, func(s *fakeSock) { s.room, peer = 0, s })
	sent, err := dev.Send(fd, pattern(n), 0, in(time.Second))
	if sent != n || err != nil {
		t.Fatalf("Send: %d, %v", sent, err)
	}
	return fd, peer
}

func TestCloseFlushesInTheBackground(t *testing.T) {
	for _, polled := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			chip, dev := newFake(t, offload.Config{Polled: polled})
			fd, peer := stalled(t, chip, dev, 1000)
			began := time.Now()
			must(t, dev.Close(fd))
			if took := time.Since(began); took != 0 {
				t.Fatalf("Close took %v", took)
			}
			pass(10 * time.Second)
			if closed, _ := chip.fate(peer); closed {
				t.Fatal("the chip's socket is closed, and the bytes are lost")
			}
			chip.with(peer.port, func(s *fakeSock) { s.room = plenty })
			pass(time.Second)
			if !peer.closed || peer.aborted || !bytes.Equal(peer.out, pattern(1000)) {
				t.Fatalf("closed %v, aborted %v, %d bytes of 1000", peer.closed, peer.aborted, len(peer.out))
			}
		})
	}
}

func TestFlushHasAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{Flush: 5 * time.Second})
		fd, peer := stalled(t, chip, dev, 1000)
		must(t, dev.Close(fd))
		pass(4900 * time.Millisecond)
		if closed, _ := chip.fate(peer); closed {
			t.Fatal("closed before the time was over")
		}
		pass(200 * time.Millisecond)
		if closed, aborted := chip.fate(peer); !closed || !aborted {
			t.Fatalf("closed %v, aborted %v, want both", closed, aborted)
		}
	})
}

func TestDatagramsThatWereTakenGoOutAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		fd, local := bind(t, dev)
		var s0 *fakeSock
		chip.with(local, func(s *fakeSock) { s.room, s0 = 0, s })
		_, err := dev.SendTo(fd, []byte("farewell"), 0, peerAddr, in(time.Second))
		must(t, err)
		must(t, dev.Close(fd))
		chip.with(local, func(s *fakeSock) { s.room = plenty })
		pass(time.Second)
		if !s0.closed || len(s0.outbox) != 1 {
			t.Fatalf("closed %v, %d datagrams", s0.closed, len(s0.outbox))
		}
	})
}

func TestTheOldestFlushGivesWayToANewSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{Blocks: 100})
		chip.most = 2
		first, oldest := stalled(t, chip, dev, 500)
		second, other := stalled(t, chip, dev, 500)
		must(t, dev.Close(first))
		pass(time.Second)
		must(t, dev.Close(second))
		began := time.Now()
		fd := stream(t, dev)
		if took := time.Since(began); took > 100*time.Millisecond {
			t.Fatalf("Socket took %v", took)
		}
		if !oldest.aborted || other.closed {
			t.Fatalf("the oldest: aborted %v; the other: closed %v", oldest.aborted, other.closed)
		}
		must(t, dev.Connect(fd, "", peerAddr))
		stream(t, dev)
		if !other.aborted {
			t.Fatal("the second one was not hastened")
		}
		_, err := dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
		want(t, "Socket", err, netdev.ErrNoMoreSockets)
	})
}

func TestCloseIsRepeatedWhileTheChipNeedsTheSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		fd, local := connect(t, dev)
		var peer *fakeSock
		chip.with(local, func(s *fakeSock) { s.closes, peer = 3, s })
		must(t, dev.Close(fd))
		pass(time.Second)
		if !peer.closed || chip.calls("Close") != 4 {
			t.Fatalf("closed %v after %d calls", peer.closed, chip.calls("Close"))
		}
	})
}

func TestASocketThatIsLongInClosingGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		chip.most = 1
		fd, local := connect(t, dev)
		chip.with(local, func(s *fakeSock) { s.closes = 1 << 20 })
		must(t, dev.Close(fd))
		pass(time.Second)
		stream(t, dev)
	})
}

func TestCloseOfAListenerResetsWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		fd, local := listen(t, dev, 5)
		must(t, dev.PollNotify(fd, func() {}))
		conn := chip.knock(local, 1)[0]
		synctest.Wait()
		if ev, err := dev.Poll(fd); ev != netdev.PollIn || err != nil {
			t.Fatalf("Poll: %#x, %v", ev, err)
		}
		must(t, dev.Close(fd))
		synctest.Wait()
		if !conn.aborted || chip.open() != 0 {
			t.Fatalf("aborted %v, and %d sockets are left", conn.aborted, chip.open())
		}
	})
}

func TestLingerZeroResets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{Abort: true})
		fd, peer := stalled(t, chip, dev, 100)
		must(t, dev.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_LINGER, 0))
		must(t, dev.Close(fd))
		synctest.Wait()
		if !peer.aborted {
			t.Fatal("no reset")
		}
	})
}

func TestLingerBoundsTheFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{Abort: true})
		fd, peer := stalled(t, chip, dev, 100)
		must(t, dev.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_LINGER, 2))
		must(t, dev.Close(fd))
		pass(1900 * time.Millisecond)
		if closed, _ := chip.fate(peer); closed {
			t.Fatal("closed too early")
		}
		pass(200 * time.Millisecond)
		if closed, _ := chip.fate(peer); !closed {
			t.Fatal("not closed after two seconds")
		}
	})
}

// The fake fails the test if it is asked for an id that it does not have any more.
func TestCloseWhileTheChipWorksOnTheSocket(t *testing.T) {
	for _, during := range []string{"Recv", "Send", "Connect", "Accept", "RecvFrom", "SendTo", "Bind", "Listen"} {
		t.Run(during, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				chip, dev := newFake(t, offload.Config{})
				var busy atomic.Bool
				chip.on(func(call string, id int) error {
					if call == during {
						busy.Store(true)
						time.Sleep(time.Second)
					}
					return nil
				})
				call := start(func() (int, error) {
					var err error
					stype := netdev.SOCK_STREAM
					if during == "RecvFrom" || during == "SendTo" || during == "Bind" {
						stype = netdev.SOCK_DGRAM
					}
					fd, err := dev.Socket(netdev.AF_INET, stype, 0)
					if err != nil {
						return 0, err
					}
					go func() {
						for !busy.Load() {
							time.Sleep(time.Millisecond)
						}
						dev.Close(fd)
					}()
					switch during {
					case "Accept", "Listen":
						if err = dev.Listen(fd, 1); err == nil {
							_, _, err = dev.Accept(fd)
						}
					case "RecvFrom", "SendTo", "Bind":
						if _, err = dev.SendTo(fd, []byte("x"), 0, peerAddr, never); err == nil {
							_, err = dev.Recv(fd, make([]byte, 1), 0, never)
						}
					default:
						if err = dev.Connect(fd, "", peerAddr); err == nil {
							if _, err = dev.Send(fd, []byte("x"), 0, never); err == nil {
								_, err = dev.Recv(fd, make([]byte, 1), 0, never)
							}
						}
					}
					return 0, err
				})
				if r := <-call; r.err != netdev.ErrClosed && r.err != netdev.ErrInvalidSocketFd {
					t.Fatalf("the call returned %v", r.err)
				}
				pass(time.Minute)
				if n := chip.open(); n != 0 {
					t.Fatalf("the chip still has %d sockets", n)
				}
			})
		})
	}
}

// Who has closed a listener may tell others that its port is free.
func TestCloseOfAListenerIsDoneWhenItReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		l, _ := listen(t, dev, 1)
		u, _ := bind(t, dev)
		chip.on(func(call string, id int) error {
			time.Sleep(time.Millisecond) // of what is not waited for nothing would be done
			return nil
		})
		must(t, dev.Close(l))
		must(t, dev.Close(u))
		if n := chip.open(); n != 0 {
			t.Fatalf("the chip still has %d sockets", n)
		}
	})
}

func TestWhatIsClosedGoesBeforeWhatIsOpened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		fd, _ := connect(t, dev)
		other, _ := connect(t, dev)
		go chip.core.Do(t.Context(), func() error { time.Sleep(time.Second); return nil })
		synctest.Wait()
		opened := start(func() (int, error) { return dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0) })
		synctest.Wait()
		_, err := dev.Send(other, []byte("x"), 0, never)
		must(t, err)
		must(t, dev.Close(fd))
		must(t, (<-opened).err)
		synctest.Wait()
		chip.mu.Lock()
		defer chip.mu.Unlock()
		if slices.Index(chip.log, "Close 0") > len(chip.log)-2 || chip.log[len(chip.log)-1] != "Open -1" {
			t.Fatalf("the chip was called so: %v", chip.log)
		}
	})
}

func TestAConnectionThatIsOnlyBeingMadeIsAborted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		fd := stream(t, dev)
		must(t, dev.SetNonblock(fd, true))
		var peer *fakeSock
		chip.on(func(call string, id int) error {
			if call == "Connect" {
				chip.mu.Lock()
				peer = chip.socks[id]
				peer.outcome = netdev.ErrInProgress
				chip.mu.Unlock()
			}
			return nil
		})
		want(t, "Connect", dev.Connect(fd, "", peerAddr), netdev.ErrInProgress)
		synctest.Wait()
		must(t, dev.Close(fd))
		synctest.Wait()
		if _, aborted := chip.fate(peer); !aborted {
			t.Fatal("not aborted")
		}
	})
}

func TestANumberIsNotUsedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, dev := newFake(t, offload.Config{Sockets: 1})
		seen := map[int]bool{}
		for range 1000 {
			fd := stream(t, dev)
			if seen[fd] {
				t.Fatalf("descriptor %d twice", fd)
			}
			seen[fd] = true
			must(t, dev.Close(fd))
		}
	})
}
