package netdevtest

import (
	"errors"
	"io"
	"sync/atomic"
	"time"

	"github.com/netdev-go/netdev"
)

var pollGroup = Group{
	Name: "Poll", Prefix: "POLL", Capability: "Poller", has: has[netdev.Poller],
	Rules: []Rule{
		{
			ID: "POLL-1", Name: "what is ready now", check: checkPollNow,
			Text: "`Poll` returns what the socket is ready for now: `PollOut` where `Send` takes a byte, `PollIn` where `Recv` or `Accept` does not wait; for as long as that is so.",
		},
		{
			ID: "POLL-2", Name: "no edge is missed", check: checkPollEdges,
			Text: "After `PollNotify` and then `Poll`, every event that `Poll` may have gained is announced by a call of f.",
		},
		{
			ID: "POLL-3", Name: "would block", check: checkPollWouldBlock,
			Text: "After `SetNonblock` `Recv`, `Send` and `Accept` return `ErrWouldBlock` where they would wait, and `SetNonblock(fd, false)` makes them wait again.",
		},
		{
			ID: "POLL-4", Name: "connect without waiting", check: checkPollConnect,
			Text: "A non-blocking `Connect` is `ErrInProgress`; after `PollOut`, called again, it is nil.",
		},
		{
			ID: "POLL-5", Name: "refusal without waiting", check: checkPollConnectRefused,
			Text: "A non-blocking `Connect` that is refused gains `PollOut` or `PollErr`, and, called again, is `ErrConnRefused`.",
		},
		{
			ID: "POLL-6", Name: "connect still under way", check: checkPollConnectWaits,
			Text: "As long as there is no outcome `Poll` says neither `PollOut` nor `PollErr`, and `Connect` is `ErrInProgress`.",
		},
		{
			ID: "POLL-7", Name: "listener", check: checkPollListener,
			Text: "A listener gains `PollIn` with a connection. An accepted socket begins as a blocking one.",
		},
		{
			ID: "POLL-8", Name: "room to send", check: checkPollRoom,
			Text: "`PollOut` is gone when `Send` takes nothing more, and is announced when the peer has read. A non-blocking `Send` returns what it took.",
		},
		{
			ID: "POLL-9", Name: "the end of a stream", check: checkPollEnd,
			Text: "A FIN is `PollIn`, since `Recv` then has `io.EOF`; a reset is announced too, and `Recv` has `ErrConnReset`.",
		},
		{
			ID: "POLL-10", Name: "Close is announced", check: checkPollClose,
			Text: "`Close` calls f.",
		},
		{
			ID: "POLL-11", Name: "one f", check: checkPollReplace,
			Text: "`PollNotify` replaces an earlier f, and nil stops: an f that was replaced is not called any more.",
		},
		{
			ID: "POLL-12", Name: "peek and don't wait", check: checkPollFlags,
			Text: "`MSG_PEEK` leaves what it returns in the queue. `MSG_DONTWAIT` returns `ErrWouldBlock` instead of waiting, on that call alone.",
		},
		{
			ID: "POLL-13", Name: "datagrams", check: checkPollDatagram,
			Text: "On a datagram socket `PollIn` is a datagram, an empty one too.",
		},
		{
			ID: "POLL-14", Name: "hang-up", check: checkPollHup,
			Text: "`PollHup` is there when both directions of a stream have ended, and not before.",
		},
	},
}

// notified returns a channel that holds a value whenever f was called.
func (t *trial) notified(fd int) <-chan struct{} {
	t.Helper()
	ready := make(chan struct{}, 1)
	t.must("PollNotify", t.dev.PollNotify(fd, func() {
		select {
		case ready <- struct{}{}:
		default:
		}
	}))
	return ready
}

func (t *trial) poll(fd int) netdev.PollEvents {
	t.Helper()
	events, err := t.dev.Poll(fd)
	t.must("Poll", err)
	return events
}

// awaitPoll waits for one of the events in want as a program would: Poll, and
// again when f was called.
func (t *trial) awaitPoll(fd int, ready <-chan struct{}, want netdev.PollEvents) netdev.PollEvents {
	t.Helper()
	timer := time.NewTimer(t.cfg.Timeout)
	defer timer.Stop()
	for {
		events := t.poll(fd)
		if events&want != 0 {
			return events
		}
		select {
		case <-ready:
		case <-timer.C:
			t.Fatalf("f was not called for %#x within %v; Poll was %#x before and is %#x", want, t.cfg.Timeout, events, t.poll(fd))
		}
	}
}

// lacks fails the trial when Poll has one of events.
func (t *trial) lacks(fd int, what string, events netdev.PollEvents) {
	t.Helper()
	if got := t.poll(fd); got&events != 0 {
		t.Fatalf("Poll of %s: %#x, want none of %#x", what, got, events)
	}
}

func checkPollNow(t *trial) {
	fd, c := t.connected()
	ready := t.notified(fd)
	if got := t.poll(fd); got != netdev.PollOut {
		t.Fatalf("Poll of a connected stream: %#x, want PollOut (%#x)", got, netdev.PollOut)
	}
	t.peerSend(c, []byte("data"))
	for i := range 4 {
		t.awaitPoll(fd, ready, netdev.PollIn)
		t.recvN(fd, 1)
		if i == 3 {
			t.lacks(fd, "a stream that was drained", netdev.PollIn)
		}
	}
}

func checkPollEdges(t *trial) {
	fd, c := t.connected()
	ready := t.notified(fd)
	for i := range 200 {
		got := make(chan error, 1)
		go func() {
			_, err := c.Write([]byte{byte(i)})
			got <- err
		}()
		t.awaitPoll(fd, ready, netdev.PollIn)
		t.same("a byte that was announced", t.recvN(fd, 1), []byte{byte(i)})
		if err := <-got; err != nil {
			t.Fatalf("the peer could not write: %v", err)
		}
		if i%20 == 0 {
			ready = t.notified(fd)
		}
	}
}

func checkPollWouldBlock(t *trial) {
	fd, c := t.connected()
	lfd, addr := t.listener(1)
	ufd, uaddr, pc := t.udp()
	for _, s := range []int{fd, lfd, ufd} {
		t.must("SetNonblock", t.dev.SetNonblock(s, true))
	}
	buf := make([]byte, 10)
	for _, s := range []int{fd, ufd} {
		n, err := t.dev.Recv(s, buf, 0, never)
		if n != 0 || !errors.Is(err, netdev.ErrWouldBlock) {
			t.Fatalf("non-blocking Recv where nothing came: %v, want 0, ErrWouldBlock", result{n, err})
		}
	}
	if _, _, err := t.dev.Accept(lfd); !errors.Is(err, netdev.ErrWouldBlock) {
		t.Fatalf("non-blocking Accept where nobody came: %s, want ErrWouldBlock", describe(err))
	}

	for _, s := range []int{fd, lfd, ufd} {
		t.must("SetNonblock", t.dev.SetNonblock(s, false))
	}
	p := t.waitRecv(fd, buf, never)
	t.peerSend(c, []byte("x"))
	t.must(p.what, p.soon().err)
	p = t.waitRecv(ufd, buf, never)
	t.tell(pc, uaddr, []byte("x"))
	t.must(p.what, p.soon().err)
	p = t.start("Accept", func() (int, error) {
		fd, _, err := t.dev.Accept(lfd)
		return fd, err
	})
	p.blocked()
	t.dial(addr)
	t.must(p.what, p.soon().err)
	t.closeLater(p.n)
}

// nonblock returns a stream that does not wait.
func (t *trial) nonblock() int {
	t.Helper()
	fd := t.stream()
	t.must("SetNonblock", t.dev.SetNonblock(fd, true))
	return fd
}

func checkPollConnect(t *trial) {
	ln, addr := t.peerListener(inet)
	fd := t.nonblock()
	ready := t.notified(fd)
	err := t.dev.Connect(fd, "", addr)
	if err == nil {
		t.Fatal("non-blocking Connect: nil, want ErrInProgress")
	}
	t.want("non-blocking Connect", err, netdev.ErrInProgress)
	c := t.acceptPeer(ln)
	t.awaitPoll(fd, ready, netdev.PollOut)
	t.must("Connect after PollOut", t.dev.Connect(fd, "", addr))
	t.must("SetNonblock", t.dev.SetNonblock(fd, false))
	t.echo(fd, c, 1)
}

func checkPollConnectRefused(t *trial) {
	addr := t.peer.Refused()
	if !addr.IsValid() {
		t.Skip("the network has no address that refuses")
	}
	fd := t.nonblock()
	ready := t.notified(fd)
	err := t.dev.Connect(fd, "", addr)
	if errors.Is(err, netdev.ErrConnRefused) {
		return // known at once
	}
	t.want("non-blocking Connect", err, netdev.ErrInProgress)
	t.awaitPoll(fd, ready, netdev.PollOut|netdev.PollErr)
	t.want("Connect after PollOut", t.dev.Connect(fd, "", addr), netdev.ErrConnRefused)
}

func checkPollConnectWaits(t *trial) {
	addr := t.peer.BlackHole()
	if !addr.IsValid() {
		t.Skip("the network has no address that keeps silent")
	}
	fd := t.nonblock()
	for range 3 {
		t.want("non-blocking Connect to an address that keeps silent", t.dev.Connect(fd, "", addr), netdev.ErrInProgress)
		t.lacks(fd, "a socket whose Connect is under way", netdev.PollOut|netdev.PollErr|netdev.PollHup)
	}
}

func checkPollListener(t *trial) {
	lfd, addr := t.listener(1)
	t.must("SetNonblock", t.dev.SetNonblock(lfd, true))
	ready := t.notified(lfd)
	t.lacks(lfd, "a listener without a connection", netdev.PollIn)
	c := t.dial(addr)
	t.awaitPoll(lfd, ready, netdev.PollIn)
	fd, _ := t.accept(lfd)
	t.lacks(lfd, "a listener whose connection was accepted", netdev.PollIn)
	p := t.waitRecv(fd, make([]byte, 4), never)
	t.peerSend(c, []byte("data"))
	t.must("Recv on an accepted socket", p.soon().err)
}

func checkPollRoom(t *trial) {
	fd, c := t.connected()
	sent := t.stall(fd, c)
	t.must("SetNonblock", t.dev.SetNonblock(fd, true))
	ready := t.notified(fd)
	// The kernel of a loopback peer may take a little more now and then.
	for {
		more := pattern(64<<10, 3)
		n, err := t.dev.Send(fd, more, 0, never)
		if n < 0 || n > len(more) {
			t.Fatalf("non-blocking Send of %d bytes: %v", len(more), result{n, err})
		}
		sent = append(sent, more[:n]...)
		if n == 0 {
			t.want("non-blocking Send where there is no room", err, netdev.ErrWouldBlock)
			break
		}
		if err != nil {
			t.want("non-blocking Send that took a part", err, netdev.ErrWouldBlock)
		}
	}
	t.lacks(fd, "a stream that takes nothing more", netdev.PollOut)
	t.same("what Send took", t.peerRecv(c, len(sent)), sent)
	t.awaitPoll(fd, ready, netdev.PollOut)
	n, err := t.dev.Send(fd, []byte("x"), 0, never)
	if n != 1 || err != nil {
		t.Fatalf("Send after PollOut: %v, want 1, nil", result{n, err})
	}
}

func checkPollEnd(t *trial) {
	fd, c := t.connected()
	ready := t.notified(fd)
	t.closeWrite(c)
	t.awaitPoll(fd, ready, netdev.PollIn)
	if n, err := t.dev.Recv(fd, make([]byte, 1), 0, never); n != 0 || err != io.EOF {
		t.Fatalf("Recv after PollIn, at the stream's end: %v, want 0, EOF", result{n, err})
	}

	fd, c = t.connected()
	ready = t.notified(fd)
	t.reset(c)
	t.awaitPoll(fd, ready, netdev.PollIn|netdev.PollErr|netdev.PollHup)
	n, err := t.dev.Recv(fd, make([]byte, 1), 0, t.soonest())
	if n != 0 || !errors.Is(err, netdev.ErrConnReset) {
		t.Fatalf("Recv after a reset was announced: %v, want 0, ErrConnReset", result{n, err})
	}
}

func checkPollClose(t *trial) {
	fd, _ := t.connected()
	ready := t.notified(fd)
	drain(ready)
	t.close(fd)
	if !waitFor(ready, t.cfg.Timeout) {
		t.Fatalf("f was not called within %v of Close", t.cfg.Timeout)
	}
}

func drain(ready <-chan struct{}) {
	select {
	case <-ready:
	default:
	}
}

func checkPollReplace(t *trial) {
	fd, c := t.connected()
	var calls atomic.Int32
	t.must("PollNotify", t.dev.PollNotify(fd, func() { calls.Add(1) }))
	ready := t.notified(fd)
	before := calls.Load()
	t.peerSend(c, []byte("x"))
	t.awaitPoll(fd, ready, netdev.PollIn)
	t.recvN(fd, 1)
	waitFor(ready, t.cfg.Pause) // Poll may have been quicker than the announcement
	if n := calls.Load(); n != before {
		t.Fatalf("an f that was replaced was called %d times", n-before)
	}

	t.must("PollNotify with nil", t.dev.PollNotify(fd, nil))
	drain(ready)
	t.peerSend(c, []byte("x"))
	t.recvN(fd, 1)
	if waitFor(ready, t.cfg.Pause) {
		t.Fatal("f was called after PollNotify with nil")
	}
}

func checkPollFlags(t *trial) {
	fd, c := t.connected()
	buf := make([]byte, 10)
	n, err := t.dev.Recv(fd, buf, netdev.MSG_DONTWAIT, never)
	if n != 0 || !errors.Is(err, netdev.ErrWouldBlock) {
		t.Fatalf("Recv with MSG_DONTWAIT where nothing came: %v, want 0, ErrWouldBlock", result{n, err})
	}
	p := t.start("Recv with MSG_PEEK", func() (int, error) {
		return t.dev.Recv(fd, buf, netdev.MSG_PEEK, never)
	})
	p.blocked()
	t.peerSend(c, []byte("peek"))
	res := p.soon()
	if res.n < 1 || res.err != nil {
		t.Fatalf("Recv with MSG_PEEK: %v, want 1 to 4, nil", res)
	}
	t.same("what MSG_PEEK left", t.recvN(fd, 4), []byte("peek"))

	ufd, addr, pc := t.udp()
	t.tell(pc, addr, []byte("datagram"))
	for range 2 {
		n, err := t.dev.Recv(ufd, buf, netdev.MSG_PEEK, t.soonest())
		t.must("Recv of a datagram with MSG_PEEK", err)
		t.same("a datagram with MSG_PEEK", buf[:n], []byte("datagram"))
	}
	n, err = t.dev.Recv(ufd, buf, netdev.MSG_DONTWAIT, never)
	t.must("Recv with MSG_DONTWAIT", err)
	t.same("a datagram after MSG_PEEK", buf[:n], []byte("datagram"))
	n, err = t.dev.Recv(ufd, buf, netdev.MSG_DONTWAIT, never)
	t.want("Recv with MSG_DONTWAIT where nothing is left", err, netdev.ErrWouldBlock)
	if n != 0 {
		t.Fatalf("Recv with MSG_DONTWAIT where nothing is left: %v", result{n, err})
	}
}

func checkPollDatagram(t *trial) {
	fd, addr, pc := t.udp()
	ready := t.notified(fd)
	if got := t.poll(fd); got != netdev.PollOut {
		t.Fatalf("Poll of a datagram socket where nothing came: %#x, want PollOut (%#x)", got, netdev.PollOut)
	}
	for _, data := range [][]byte{[]byte("x"), nil} {
		t.tell(pc, addr, data)
		t.awaitPoll(fd, ready, netdev.PollIn)
		n, err := t.dev.Recv(fd, make([]byte, 10), 0, never)
		if n != len(data) || err != nil {
			t.Fatalf("Recv after PollIn: %v, want %d, nil", result{n, err}, len(data))
		}
		t.lacks(fd, "a datagram socket that was drained", netdev.PollIn)
	}
}

func checkPollHup(t *trial) {
	fd, c := t.connected()
	ready := t.notified(fd)
	t.closeWrite(c)
	t.awaitPoll(fd, ready, netdev.PollIn)
	t.lacks(fd, "a stream whose peer has ended its direction", netdev.PollHup)
	if t.dev.shutdown == nil {
		return
	}
	t.must("Shutdown SHUT_WR", t.dev.Shutdown(fd, netdev.SHUT_WR))
	t.awaitPoll(fd, ready, netdev.PollHup)
}
