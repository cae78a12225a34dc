//go:build !tinygo

package host_test

import (
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
)

// edges returns a channel that has a value after the function of PollNotify was
// called.
func edges(t testing.TB, d *host.Device, fd int) <-chan struct{} {
	t.Helper()
	c := make(chan struct{}, 1)
	must(t, d.PollNotify(fd, func() {
		select {
		case c <- struct{}{}:
		default:
		}
	}))
	return c
}

// pollUntil waits for any of want, with nothing but PollNotify and Poll.
func pollUntil(t testing.TB, d *host.Device, fd int, want netdev.PollEvents) netdev.PollEvents {
	t.Helper()
	c := edges(t, d, fd)
	for {
		ev, err := d.Poll(fd)
		must(t, err)
		if ev&want != 0 {
			must(t, d.PollNotify(fd, nil))
			return ev
		}
		select {
		case <-c:
		case <-time.After(10 * time.Second):
			t.Fatalf("Poll = %#x, no edge brings %#x", ev, want)
		}
	}
}

func TestPollTellsWhatDoesNotWait(t *testing.T) {
	d := host.New()
	if ev, err := d.Poll(stream(t, d)); ev != 0 || err != nil {
		t.Errorf("fresh stream: %#x, %v", ev, err)
	}
	fd, c := pair(t, d)
	if ev, err := d.Poll(fd); ev != netdev.PollOut || err != nil {
		t.Errorf("idle connection: %#x, %v", ev, err)
	}
	fill(t, d, fd)
	if ev, err := d.Poll(fd); ev != 0 || err != nil {
		t.Errorf("full connection: %#x, %v", ev, err)
	}
	c.Write([]byte("x"))
	if ev := pollUntil(t, d, fd, netdev.PollIn); ev != netdev.PollIn {
		t.Errorf("full connection with data: %#x", ev)
	}
	must(t, c.SetLinger(0))
	must(t, c.Close())
	if ev := pollUntil(t, d, fd, netdev.PollErr); ev&netdev.PollHup == 0 {
		t.Errorf("after a reset: %#x", ev)
	}

	lfd, addr := listen(t, d, 1)
	if ev, err := d.Poll(lfd); ev != 0 || err != nil {
		t.Errorf("idle listener: %#x, %v", ev, err)
	}
	must(t, d.Connect(stream(t, d), "", addr))
	if ev := pollUntil(t, d, lfd, netdev.PollIn); ev != netdev.PollIn {
		t.Errorf("listener with a connection: %#x", ev)
	}
}

func TestPollNotifyEdges(t *testing.T) {
	d := host.New()
	fd, c := pair(t, d)
	await := func(what string, c <-chan struct{}) {
		t.Helper()
		select {
		case <-c:
		case <-time.After(10 * time.Second):
			t.Fatalf("no edge for %s", what)
		}
	}
	for range 3 {
		e := edges(t, d, fd)
		c.Write([]byte("x"))
		await("data", e)
		pollUntil(t, d, fd, netdev.PollIn)
	}
	sent := fill(t, d, fd)
	e := edges(t, d, fd)
	go func() {
		buf := make([]byte, 1<<16)
		for n := 0; n < sent; {
			m, err := c.Read(buf)
			if err != nil {
				return
			}
			n += m
		}
	}()
	await("room", e)
	pollUntil(t, d, fd, netdev.PollOut)

	e = edges(t, d, fd)
	must(t, d.Close(fd))
	await("Close", e)
}

func TestShortSendLeavesAnEdgeBehind(t *testing.T) {
	d := host.New()
	fd, c := pair(t, d)
	must(t, d.SetNonblock(fd, true))
	big := make([]byte, 64<<20)
	n, err := d.Send(fd, big, 0, never)
	if err != netdev.ErrWouldBlock || n == 0 || n == len(big) {
		t.Fatalf("Send = %d, %v, want a part and ErrWouldBlock", n, err)
	}
	e := edges(t, d, fd)
	buf := make([]byte, n)
	for len(buf) > 0 {
		m, err := c.Read(buf)
		must(t, err)
		buf = buf[m:]
	}
	select {
	case <-e:
	case <-time.After(10 * time.Second):
		t.Fatal("nobody says that there is room")
	}
}

func TestNonblockingCalls(t *testing.T) {
	d := host.New()
	fd, _ := pair(t, d)
	udp, _ := bound(t, d)
	lfd, addr := listen(t, d, 4)
	buf := make([]byte, 1)
	if _, err := d.Recv(fd, buf, netdev.MSG_DONTWAIT, never); err != netdev.ErrWouldBlock {
		t.Errorf("Recv with MSG_DONTWAIT: %v", err)
	}
	for _, fd := range []int{fd, udp, lfd} {
		must(t, d.SetNonblock(fd, true))
	}
	if _, err := d.Recv(fd, buf, 0, soon()); err != netdev.ErrWouldBlock {
		t.Errorf("Recv: %v", err)
	}
	if _, _, err := d.RecvFrom(udp, buf, 0, never); err != netdev.ErrWouldBlock {
		t.Errorf("RecvFrom: %v", err)
	}
	if n, _, err := d.Accept(lfd); n != -1 || err != netdev.ErrWouldBlock {
		t.Errorf("Accept = %d, %v", n, err)
	}
	must(t, d.Connect(stream(t, d), "", addr))
	pollUntil(t, d, lfd, netdev.PollIn)
	afd, _, err := d.Accept(lfd)
	must(t, err)
	defer d.Close(afd)
	// What a non-blocking listener accepts begins as a blocking socket.
	if _, err := d.Recv(afd, buf, 0, time.Now().Add(5*time.Millisecond)); err != netdev.ErrTimeout {
		t.Errorf("Recv of an accepted socket: %v", err)
	}
	must(t, d.SetNonblock(fd, false))
	if _, err := d.Recv(fd, buf, 0, time.Now().Add(5*time.Millisecond)); err != netdev.ErrTimeout {
		t.Errorf("Recv of a socket that blocks again: %v", err)
	}
}

func TestReplacedNotifyIsNotCalledAnyMore(t *testing.T) {
	d := host.New()
	fd, c := pair(t, d)
	for range 200 {
		replaced := false // the race detector sees a call that comes too late
		must(t, d.PollNotify(fd, func() {
			if replaced {
				t.Error("called after it was replaced")
			}
		}))
		c.Write([]byte("x"))
		must(t, d.PollNotify(fd, nil))
		replaced = true
	}
}
