//go:build !tinygo

package host_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
)

func TestStreamCarriesBytesBothWays(t *testing.T) {
	d := host.New()
	fd, c := pair(t, d)
	if n, err := d.Send(fd, []byte("from the device"), 0, soon()); n != 15 || err != nil {
		t.Fatalf("Send = %d, %v", n, err)
	}
	buf := make([]byte, 64)
	n, err := c.Read(buf)
	if string(buf[:n]) != "from the device" || err != nil {
		t.Fatalf("peer read %q, %v", buf[:n], err)
	}
	c.Write([]byte("from the peer"))
	n, err = d.Recv(fd, buf, 0, soon())
	if string(buf[:n]) != "from the peer" || err != nil {
		t.Fatalf("Recv = %q, %v", buf[:n], err)
	}
}

func TestSendReportsWhatAStalledReaderLeft(t *testing.T) {
	d := host.New()
	fd, c := pair(t, d)
	sent, err := d.Send(fd, make([]byte, 64<<20), 0, time.Now().Add(50*time.Millisecond))
	if !errors.Is(err, netdev.ErrTimeout) || sent == 0 || sent == 64<<20 {
		t.Fatalf("Send = %d, %v, want a part and ErrTimeout", sent, err)
	}
	must(t, d.Shutdown(fd, netdev.SHUT_WR))
	got, err := io.Copy(io.Discard, c)
	if got != int64(sent) || err != nil {
		t.Fatalf("peer read %d, %v, Send said %d", got, err, sent)
	}
}

// Send and Recv time out all the time; no byte is lost or doubled by it.
func TestTinyDeadlinesLoseNothing(t *testing.T) {
	d := host.New()
	lfd, addr := listen(t, d, 1)
	cfd := stream(t, d)
	must(t, d.Connect(cfd, "", addr))
	sfd, _, err := d.Accept(lfd)
	must(t, err)
	defer d.Close(sfd)

	data := make([]byte, 24<<20)
	rand.New(rand.NewSource(1)).Read(data)
	timeouts := 0
	sender := start(func() (int, error) {
		for off := 0; off < len(data); {
			n, err := d.Send(cfd, data[off:], 0, time.Now().Add(20*time.Microsecond))
			off += n
			if errors.Is(err, netdev.ErrTimeout) {
				timeouts++
			} else if err != nil {
				return off, err
			}
		}
		return len(data), d.Shutdown(cfd, netdev.SHUT_WR)
	})
	sum := sha256.New()
	buf := make([]byte, 32<<10)
	for {
		n, err := d.Recv(sfd, buf, 0, time.Now().Add(20*time.Microsecond))
		sum.Write(buf[:n])
		if err == io.EOF {
			break
		}
		if err != nil && !errors.Is(err, netdev.ErrTimeout) {
			t.Fatal(err)
		}
	}
	if r := wait(t, "Send", sender); r.err != nil {
		t.Fatal(r.err)
	}
	if want := sha256.Sum256(data); !bytes.Equal(sum.Sum(nil), want[:]) {
		t.Error("what arrived is not what was sent")
	}
	if timeouts == 0 {
		t.Error("no Send timed out: the test tests nothing")
	}
}

// Sends of several goroutines come out one after the other, whole.
func TestConcurrentSendsDoNotMix(t *testing.T) {
	d := host.New()
	fd, c := pair(t, d)
	const senders, size = 4, 8 << 20 // more than the kernel takes at once
	var sends []<-chan result
	for i := range senders {
		sends = append(sends, start(func() (int, error) {
			return d.Send(fd, bytes.Repeat([]byte{'a' + byte(i)}, size), 0, soon())
		}))
	}
	asleep(t, d, fd, senders)
	all := make([]byte, senders*size)
	if _, err := io.ReadFull(c, all); err != nil {
		t.Fatal(err)
	}
	for _, s := range sends {
		if r := wait(t, "Send", s); r.n != size || r.err != nil {
			t.Errorf("Send = %d, %v", r.n, r.err)
		}
	}
	for ; len(all) > 0; all = all[size:] {
		if n := bytes.Count(all[:size], all[:1]); n != size {
			t.Fatalf("a Send of %d bytes came out with %d of them together", size, n)
		}
	}
}

func TestSendWaitsForItsTurnWithItsOwnDeadline(t *testing.T) {
	d := host.New()
	fd, _ := pair(t, d)
	first := start(func() (int, error) { return d.Send(fd, make([]byte, 64<<20), 0, never) })
	asleep(t, d, fd, 1)
	n, err := d.Send(fd, []byte("second"), 0, time.Now().Add(10*time.Millisecond))
	if n != 0 || err != netdev.ErrTimeout {
		t.Errorf("second Send = %d, %v, want 0, ErrTimeout", n, err)
	}
	n, err = d.Send(fd, []byte("third"), netdev.MSG_DONTWAIT, never)
	if n != 0 || err != netdev.ErrWouldBlock {
		t.Errorf("third Send = %d, %v, want 0, ErrWouldBlock", n, err)
	}
	must(t, d.Close(fd))
	if r := wait(t, "first Send", first); !errors.Is(r.err, net.ErrClosed) || r.n == 0 {
		t.Errorf("first Send = %d, %v", r.n, r.err)
	}
}

func TestEOFOnlyAfterFIN(t *testing.T) {
	d := host.New()
	fd, c := pair(t, d)
	c.Write([]byte("last words"))
	must(t, c.CloseWrite())
	buf := make([]byte, 10)
	must(t, recvAll(d, fd, buf))
	wantEOF(t, d, fd)
	wantEOF(t, d, fd)
	// The other direction is still open.
	if _, err := d.Send(fd, []byte("answer"), 0, soon()); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, buf[:6]); err != nil || string(buf[:6]) != "answer" {
		t.Errorf("peer read %q, %v", buf[:6], err)
	}
}

func TestHalfCloseKeepsReading(t *testing.T) {
	d := host.New()
	fd, c := pair(t, d)
	must(t, d.Shutdown(fd, netdev.SHUT_WR))
	if n, err := c.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Fatalf("peer read %d, %v, want EOF", n, err)
	}
	if n, err := d.Send(fd, []byte("x"), 0, soon()); n != 0 || err != netdev.ErrBrokenPipe {
		t.Errorf("Send after SHUT_WR = %d, %v, want ErrBrokenPipe", n, err)
	}
	c.Write([]byte("still here"))
	must(t, recvAll(d, fd, make([]byte, 10)))
}

func TestShutdownWakesBlockedCalls(t *testing.T) {
	d := host.New()
	fd, _ := pair(t, d)
	fill(t, d, fd)
	recv := start(func() (int, error) { return d.Recv(fd, make([]byte, 1), 0, never) })
	send := start(func() (int, error) { return d.Send(fd, []byte("x"), 0, never) })
	asleep(t, d, fd, 2)
	must(t, d.Shutdown(fd, netdev.SHUT_RD))
	if r := wait(t, "Recv", recv); r.n != 0 || r.err != io.EOF {
		t.Errorf("Recv = %d, %v, want EOF", r.n, r.err)
	}
	must(t, d.Shutdown(fd, netdev.SHUT_WR))
	if r := wait(t, "Send", send); r.err != netdev.ErrBrokenPipe {
		t.Errorf("Send = %d, %v, want ErrBrokenPipe", r.n, r.err)
	}
}

func TestResetIsNeverEOF(t *testing.T) {
	d := host.New()
	fd, c := pair(t, d)
	recv := start(func() (int, error) { return d.Recv(fd, make([]byte, 1), 0, never) })
	asleep(t, d, fd, 1)
	must(t, c.SetLinger(0))
	must(t, c.Close())
	r := wait(t, "Recv", recv)
	wantErr(t, "blocked Recv", r.err, netdev.ErrConnReset)
	wantErr(t, "blocked Recv", r.err, syscall.ECONNRESET)
	// The kernel tells it once, and then reads as if there had been a FIN.
	for range 2 {
		n, err := d.Recv(fd, make([]byte, 1), 0, soon())
		if n != 0 || err != netdev.ErrConnReset {
			t.Errorf("later Recv = %d, %v, want ErrConnReset", n, err)
		}
	}
	_, err := d.Send(fd, []byte("x"), 0, soon())
	wantErr(t, "Send", err, netdev.ErrBrokenPipe)
}

func TestResetSeenBySendFirst(t *testing.T) {
	d := host.New()
	fd, c := pair(t, d)
	fill(t, d, fd)
	send := start(func() (int, error) { return d.Send(fd, []byte("x"), 0, never) })
	asleep(t, d, fd, 1)
	must(t, c.SetLinger(0))
	must(t, c.Close())
	r := wait(t, "Send", send)
	wantErr(t, "Send", r.err, netdev.ErrConnReset)
	_, err := d.Recv(fd, make([]byte, 1), 0, soon())
	wantErr(t, "Recv", err, netdev.ErrConnReset)
}

func TestLingerZeroResets(t *testing.T) {
	d := host.New()
	fd, c := pair(t, d)
	must(t, d.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_LINGER, 0))
	must(t, d.Close(fd))
	_, err := c.Read(make([]byte, 1))
	wantErr(t, "peer's Read", err, syscall.ECONNRESET)
}

func TestEmptyBuffersDoNotWait(t *testing.T) {
	d := host.New()
	fd, _ := pair(t, d)
	for _, buf := range [][]byte{nil, {}} {
		if n, err := d.Recv(fd, buf, 0, never); n != 0 || err != nil {
			t.Errorf("Recv = %d, %v", n, err)
		}
		if n, err := d.Send(fd, buf, 0, never); n != 0 || err != nil {
			t.Errorf("Send = %d, %v", n, err)
		}
	}
	past := time.Now().Add(-time.Second)
	if _, err := d.Recv(fd, nil, 0, past); err != netdev.ErrTimeout {
		t.Errorf("Recv past its deadline: %v", err)
	}
}

func TestPeekLeavesTheBytes(t *testing.T) {
	d := host.New()
	fd, c := pair(t, d)
	c.Write([]byte("abc"))
	buf := make([]byte, 3)
	for range 2 {
		if n, err := d.Recv(fd, buf, netdev.MSG_PEEK, soon()); n == 0 || err != nil || buf[0] != 'a' {
			t.Fatalf("peek = %d %q, %v", n, buf, err)
		}
	}
	must(t, recvAll(d, fd, buf))
	if string(buf) != "abc" {
		t.Errorf("Recv = %q", buf)
	}
}
