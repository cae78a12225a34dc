package stack_test

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack"
)

// A mirror hands frames over in the call that sends, for as long as there is
// somebody at the other end.
type mirror struct {
	card
	mac     [6]byte
	handler atomic.Pointer[func([]byte)]
	peer    *mirror
}

func (m *mirror) HardwareAddr6() ([6]byte, error) { return m.mac, nil }

func (m *mirror) SetEthRecvHandler(h func([]byte)) { m.handler.Store(&h) }

func (m *mirror) SendOffsetEthFrame(frame []byte) error {
	if h := *m.peer.handler.Load(); h != nil {
		h(frame)
	}
	return nil
}

// An end of a stream that waits for announcements alone.
type end struct {
	s         *stack.Stack
	fd        int
	announced chan struct{}
}

func newEnd(t *testing.T, s *stack.Stack, fd int) *end {
	e := &end{s, fd, make(chan struct{}, 1)}
	must(t, s.SetNonblock(fd, true))
	must(t, s.PollNotify(fd, func() {
		select {
		case e.announced <- struct{}{}:
		default:
		}
	}))
	return e
}

// all has call move all of b, in as many parts as it takes.
func (e *end) all(b []byte, call func(fd int, b []byte, flags int, deadline time.Time) (int, error)) error {
	for len(b) > 0 {
		n, err := call(e.fd, b, 0, never)
		b = b[n:]
		switch {
		case err == nil:
		case err != netdev.ErrWouldBlock:
			return err
		default:
			select {
			case <-e.announced:
			case <-time.After(10 * time.Second):
				return netdev.ErrTimeout
			}
		}
	}
	return nil
}

func TestNoAnnouncementIsLost(t *testing.T) {
	ma, mb := &mirror{mac: cardMAC}, &mirror{mac: peerMAC}
	ma.peer, mb.peer = mb, ma
	ma.SetEthRecvHandler(nil)
	mb.SetEthRecvHandler(nil)
	a := newStack(t, ma, stack.Config{Address: netip.PrefixFrom(addrA, 24), Ring: 8, Blocks: 512})
	b := newStack(t, mb, stack.Config{Address: netip.PrefixFrom(addrB, 24), Ring: 8, Blocks: 512})
	must(t, a.NetConnect(nil))
	must(t, b.NetConnect(nil))
	var streams, noise sync.WaitGroup
	for _, peers := range [][2]*stack.Stack{{a, b}, {b, a}, {a, a}, {b, b}} {
		fd, peer := connected(t, peers[0], peers[1])
		for first, e := range map[bool]*end{true: newEnd(t, peers[0], fd), false: newEnd(t, peers[1], peer)} {
			streams.Go(func() {
				buf := make([]byte, 5000)
				calls := []func(int, []byte, int, time.Time) (int, error){e.s.Send, e.s.Recv}
				if !first {
					calls[0], calls[1] = calls[1], calls[0]
				}
				for range 200 {
					for _, call := range calls {
						if err := e.all(buf, call); err != nil {
							t.Errorf("the first end is %v: %v", first, err)
							return
						}
					}
				}
			})
		}
	}
	// Others fill the ring meanwhile, and come and go.
	over := make(chan struct{})
	for _, s := range []*stack.Stack{a, b} {
		noise.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
				}
				fd, err := s.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)
				if err != nil {
					t.Error(err)
					return
				}
				for n := range 8 {
					s.PollNotify(fd, func() {})
					s.SendTo(fd, make([]byte, n*1000), netdev.MSG_DONTWAIT, at(addrB, 9), never)
				}
				s.Close(fd)
			}
		})
	}
	streams.Wait()
	close(over)
	noise.Wait()
}

func TestWhatBecomesReadyDuringAnAnnouncementIsAnnouncedToo(t *testing.T) {
	s, r := recorded(t, stack.Config{})
	one, nameOne := bound(t, s, anywhere)
	two, nameTwo := bound(t, s, anywhere)
	entered, leave, second := make(chan struct{}), make(chan struct{}), make(chan struct{}, 4)
	must(t, s.PollNotify(one, func() {
		entered <- struct{}{}
		<-leave
	}))
	must(t, s.PollNotify(two, func() { second <- struct{}{} }))
	over := make(chan struct{})
	go func() {
		defer close(over)
		r.handler(datagramTo(addrB, addrA, nameOne.Port(), "x"))
	}()
	<-entered
	r.handler(datagramTo(addrB, addrA, nameTwo.Port(), "x"))
	leave <- struct{}{}
	<-over
	must(t, s.PollNotify(one, nil)) // before Close announces it
	select {
	case <-second:
	default:
		t.Error("the second is not announced")
	}
}

func TestABurstIsAnnouncedOnceForEachTimeThatSomethingIsTaken(t *testing.T) {
	s, r := recorded(t, stack.Config{})
	fd, name := bound(t, s, anywhere)
	announced := 0
	must(t, s.PollNotify(fd, func() { announced++ }))
	arrive := func(n, want int) {
		t.Helper()
		for range n {
			r.handler(datagramTo(addrB, addrA, name.Port(), "x"))
		}
		if announced != want {
			t.Errorf("announced %d times, want %d", announced, want)
		}
	}
	arrive(5, 1)
	recv(t, s, fd)
	arrive(5, 2) // beside the four that still wait
	for range 9 {
		recv(t, s, fd)
	}
	if _, err := s.Recv(fd, nil, netdev.MSG_DONTWAIT, never); err != netdev.ErrWouldBlock {
		t.Error(err)
	}
	arrive(1, 3)
	must(t, s.PollNotify(fd, nil))
}

// Connect drops what strangers have sent, of which the program may have been told.
func TestWhatComesAfterConnectHasDroppedStrangersIsAnnounced(t *testing.T) {
	a, b := pair(t, stack.Config{})
	fa, name := bound(t, a, addrA)
	stranger, _ := bound(t, b, addrB)
	friend, peer := bound(t, b, addrB)
	e := newEnd(t, a, fa)
	sendTo(t, b, stranger, "what one does not want", name)
	select {
	case <-e.announced:
	case <-time.After(10 * time.Second):
		t.Fatal("a datagram was not announced")
	}
	must(t, a.Connect(fa, "", peer))
	if ev, err := a.Poll(fa); err != nil || ev&netdev.PollIn != 0 {
		t.Fatalf("ready for %v, %v", ev, err)
	}
	sendTo(t, b, friend, "what one does", name)
	select {
	case <-e.announced:
	case <-time.After(10 * time.Second):
		t.Error("what the peer has sent was not announced")
	}
}
