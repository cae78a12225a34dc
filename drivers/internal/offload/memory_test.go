package offload_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// Sockets that hold as much as they can leave enough for the others to go on.
func TestEverySocketWorksHoweverMuchOthersHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{Sockets: 10, SendBuffer: plenty, RecvBuffer: plenty})
		for range 4 { // who do not read, of peers who do not read
			fd, local := connect(t, dev)
			must(t, dev.PollNotify(fd, func() {}))
			chip.with(local, func(s *fakeSock) { s.room, s.in = 0, pattern(1<<20) })
			go dev.Send(fd, pattern(1<<20), 0, never)
			u, local := bind(t, dev)
			must(t, dev.PollNotify(u, func() {}))
			chip.with(local, func(s *fakeSock) {
				for range 100 {
					s.inbox = append(s.inbox, dgram{string(pattern(100)), peerAddr})
				}
			})
		}
		time.Sleep(time.Second)
		inUse, all, _ := chip.core.Memory()
		if inUse < all/3 || inUse > all {
			t.Fatalf("%d of %d blocks are in use", inUse, all)
		}
		fd, local := connect(t, dev)
		chip.with(local, func(s *fakeSock) { s.echo = true })
		for sent, got := 0, 0; got < 1000; {
			n, err := dev.Send(fd, pattern(100), 0, in(time.Second))
			must(t, err)
			for sent += n; got < sent; {
				n, err := dev.Recv(fd, make([]byte, 100), 0, in(time.Second))
				must(t, err)
				got += n
			}
		}
	})
}

// Nor do those that are closed, and whose peers do not take what was sent.
func TestWhatIsLeftOfClosedSocketsGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{SendBuffer: plenty, Flush: time.Hour})
		for range 300 {
			fd, local := connect(t, dev)
			chip.with(local, func(s *fakeSock) { s.room = 0 })
			n, err := dev.Send(fd, pattern(1000), 0, in(time.Second))
			if n == 0 {
				t.Fatalf("Send: %d, %v", n, err)
			}
			u, local := bind(t, dev)
			chip.with(local, func(s *fakeSock) { s.echo = true })
			_, err = dev.SendTo(u, pattern(1472), 0, peerAddr, in(time.Second))
			must(t, err)
			_, err = dev.Recv(u, make([]byte, 10), 0, in(time.Second))
			must(t, err)
			must(t, dev.Close(fd))
			must(t, dev.Close(u))
		}
	})
}

// However many streams are stuck, names can be asked for, with the longest answers.
func TestDatagramsWorkHoweverMuchStreamsHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{SendBuffer: plenty, RecvBuffer: plenty})
		for range 9 {
			fd, local := connect(t, dev)
			must(t, dev.PollNotify(fd, func() {}))
			chip.with(local, func(s *fakeSock) { s.room, s.in = 0, pattern(1<<20) })
			go dev.Send(fd, pattern(1<<20), 0, never)
			pass(time.Second)
		}
		u, local := bind(t, dev)
		chip.with(local, func(s *fakeSock) { s.echo = true })
		for range 10 {
			_, err := dev.SendTo(u, pattern(1472), 0, peerAddr, in(time.Second))
			must(t, err)
			n, err := dev.Recv(u, make([]byte, 1472), 0, in(time.Second))
			if n != 1472 || err != nil {
				t.Fatalf("Recv: %d, %v", n, err)
			}
		}
	})
}

func TestMemoryComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		for i := range 20 {
			fd, _ := stalled(t, chip, dev, 100)
			u, local := bind(t, dev)
			must(t, dev.PollNotify(u, func() {}))
			chip.with(local, func(s *fakeSock) { s.inbox = []dgram{{"x", peerAddr}, {"y", peerAddr}} })
			synctest.Wait()
			if inUse, _, _ := chip.core.Memory(); inUse == 0 {
				t.Fatal("nothing is in use")
			}
			if i == 10 {
				must(t, chip.core.Do(t.Context(), func() error { chip.reset(); return nil }))
			}
			must(t, dev.Close(fd))
			must(t, dev.Close(u))
			if i%2 == 0 {
				time.Sleep(time.Minute)
			}
		}
		time.Sleep(time.Minute)
		if inUse, _, reserved := chip.core.Memory(); inUse != 0 || reserved != 0 {
			t.Fatalf("%d blocks are in use, %d reserved", inUse, reserved)
		}
	})
}

// While a Recv of the chip is under way its memory is not given to a Send.
func TestMemoryOfACallUnderWayIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{Sockets: 2, SendBuffer: plenty, RecvBuffer: plenty, MaxSegment: 4096})
		fd, local := connect(t, dev)
		other, o := connect(t, dev)
		chip.with(o, func(s *fakeSock) { s.room = 0 })
		slow := true
		chip.on(func(call string, id int) error {
			if call == "Recv" && slow {
				slow = false
				time.Sleep(time.Second)
			}
			return nil
		})
		data := pattern(4096)
		chip.with(local, func(s *fakeSock) { s.in = data })
		r := start(func() (int, error) { return dev.Recv(fd, make([]byte, 1), 0, never) })
		synctest.Wait()
		if _, _, reserved := chip.core.Memory(); reserved == 0 {
			t.Fatal("nothing is reserved")
		}
		go dev.Send(other, pattern(1<<20), 0, never)
		must(t, (<-r).err)
		buf := make([]byte, 4096)
		for got := 1; got < len(data); {
			n, err := dev.Recv(fd, buf, 0, in(time.Second))
			must(t, err)
			if buf[0] != data[got] || buf[n-1] != data[got+n-1] {
				t.Fatal("bytes are missing")
			}
			got += n
		}
	})
}

func TestDatagramsThatNobodyReadsLeaveEnoughForStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		for range 5 {
			u, local := bind(t, dev)
			must(t, dev.PollNotify(u, func() {}))
			chip.with(local, func(s *fakeSock) { s.inbox = []dgram{{string(pattern(1472)), peerAddr}} })
			synctest.Wait()
		}
		for range 5 {
			fd, local := connect(t, dev)
			chip.with(local, func(s *fakeSock) { s.room = 0 })
			n, err := dev.Send(fd, pattern(2000), 0, in(time.Second))
			if n == 0 {
				t.Fatalf("Send: %d, %v", n, err)
			}
		}
	})
}
