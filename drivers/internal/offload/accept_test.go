package offload_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

func TestAcceptsThatWaitEachGetAConnection(t *testing.T) {
	for _, polled := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			chip, dev := newFake(t, offload.Config{Polled: polled})
			fd, local := listen(t, dev, 1)
			got := make(chan int, 5)
			for range cap(got) {
				go func() {
					conn, _, err := dev.Accept(fd)
					if err != nil {
						t.Error(err)
					}
					got <- conn
				}()
			}
			pass(time.Second)
			chip.knock(local, cap(got)) // announced once
			seen := map[int]bool{}
			for range cap(got) {
				seen[<-got] = true
			}
			if len(seen) != cap(got) {
				t.Fatalf("%d descriptors for %d calls", len(seen), cap(got))
			}
		})
	}
}

func TestAConnectionThatDiedWhileItWaitedIsNotAccepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		fd, local := listen(t, dev, 5)
		must(t, dev.SetNonblock(fd, true))
		must(t, dev.PollNotify(fd, func() {}))
		dead := chip.knock(local, 1)[0]
		synctest.Wait() // it is fetched, since somebody watches
		chip.mu.Lock()
		dead.in, dead.end = nil, netdev.ErrConnReset
		chip.mu.Unlock()
		_, _, err := dev.Accept(fd)
		want(t, "Accept", err, netdev.ErrWouldBlock)
		chip.knock(local, 1)
		synctest.Wait()
		conn, _, err := dev.Accept(fd)
		must(t, err)
		if n, err := dev.Recv(conn, make([]byte, 10), 0, in(time.Second)); n != 5 || err != nil {
			t.Fatalf("Recv: %d, %v", n, err)
		}
	})
}

func TestAcceptWithoutADescriptorKeepsTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{Sockets: 2})
		fd, local := listen(t, dev, 5)
		other := stream(t, dev)
		chip.knock(local, 1)
		_, _, err := dev.Accept(fd)
		want(t, "Accept", err, netdev.ErrNoMoreSockets)
		must(t, dev.Close(other))
		conn, _, err := dev.Accept(fd)
		must(t, err)
		if n, err := dev.Recv(conn, make([]byte, 10), 0, in(time.Second)); n != 5 || err != nil {
			t.Fatalf("Recv: %d, %v", n, err)
		}
	})
}

func TestNoMoreConnectionsAreFetchedThanTheBacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		fd, local := listen(t, dev, 3)
		must(t, dev.PollNotify(fd, func() {}))
		chip.knock(local, 10)
		pass(time.Second)
		if n := chip.open() - 1; n > 3 {
			t.Fatalf("%d connections were fetched", n)
		}
	})
}

func TestCloseWakesAnAcceptThatLooksAtWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		fd, local := listen(t, dev, 5)
		must(t, dev.PollNotify(fd, func() {}))
		chip.knock(local, 1)
		synctest.Wait() // it is fetched, and may be dead by now
		busy := start(func() (int, error) {
			return 0, chip.core.Do(t.Context(), func() error { time.Sleep(time.Second); return nil })
		})
		synctest.Wait()
		r := start(func() (int, error) { fd, _, err := dev.Accept(fd); return fd, err })
		synctest.Wait()
		must(t, dev.Close(fd))
		want(t, "Accept", (<-r).err, netdev.ErrClosed)
		must(t, (<-busy).err)
	})
}
