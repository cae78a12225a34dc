package splice_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
	"github.com/netdev-go/netdev/internal/bare"
	"github.com/netdev-go/netdev/sim/gateway/internal/splice"
)

const limit = 10 * time.Second

// A joined is a spliced connection, with both ends those of Go's own net.
type joined struct {
	a, b   *net.TCPConn
	ab, ba atomic.Uint64
	done   chan error
	stop   context.CancelFunc
}

// join splices two connections, one of each device.
func join(t *testing.T, devA, devB netdev.Netdever) *joined {
	t.Helper()
	j := &joined{done: make(chan error, 1)}
	fdA, a := open(t, devA)
	fdB, b := open(t, devB)
	j.a, j.b = a, b
	ctx, stop := context.WithCancel(context.Background())
	j.stop = stop
	p := &splice.Pipe{A: splice.End{Device: devA, Fd: fdA}, B: splice.End{Device: devB, Fd: fdB}, AB: &j.ab, BA: &j.ba}
	go func() { j.done <- p.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		a.Close()
		b.Close()
	})
	return j
}

// open returns a connection of dev, and its far end.
func open(t *testing.T, dev netdev.Netdever) (int, *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	fd, err := dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, netdev.IPPROTO_TCP)
	if err != nil {
		t.Fatal(err)
	}
	if err := dev.Connect(fd, "", netip.MustParseAddrPort(l.Addr().String())); err != nil {
		t.Fatal(err)
	}
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	c.SetDeadline(time.Now().Add(limit))
	return fd, c.(*net.TCPConn)
}

func (j *joined) ended(t *testing.T) error {
	t.Helper()
	select {
	case err := <-j.done:
		return err
	case <-time.After(limit):
		t.Fatal("the splice goes on")
		return nil
	}
}

func devices() map[string]func() netdev.Netdever {
	return map[string]func() netdev.Netdever{
		"host": func() netdev.Netdever { return host.New() },
		"bare": func() netdev.Netdever { return bare.Device(host.New()) },
	}
}

func TestBytesGoBothWays(t *testing.T) {
	for name, dev := range devices() {
		t.Run(name, func(t *testing.T) {
			j := join(t, dev(), dev())
			data := make([]byte, 3<<20)
			rand.NewChaCha8([32]byte{1}).Read(data)
			echoed := make(chan error, 1)
			go func() {
				_, err := io.CopyN(j.b, j.b, int64(len(data)))
				echoed <- err
			}()
			go j.a.Write(data)
			got := make([]byte, len(data))
			if _, err := io.ReadFull(j.a, got); err != nil {
				t.Fatal(err)
			}
			if sha256.Sum256(got) != sha256.Sum256(data) {
				t.Error("other bytes came back")
			}
			if err := <-echoed; err != nil {
				t.Error(err)
			}
			j.a.Close()
			j.b.Close()
			j.ended(t)
			if ab, ba := j.ab.Load(), j.ba.Load(); ab != uint64(len(data)) || ba != ab {
				t.Errorf("counted %d and %d bytes, want %d", ab, ba, len(data))
			}
		})
	}
}

func TestHalfCloseLeavesTheOtherDirection(t *testing.T) {
	j := join(t, host.New(), host.New())
	j.a.Write([]byte("question"))
	j.a.CloseWrite()
	if got, err := io.ReadAll(j.b); err != nil || string(got) != "question" {
		t.Fatalf("ReadAll = %q, %v", got, err)
	}
	j.b.Write([]byte("answer"))
	j.b.CloseWrite()
	if got, err := io.ReadAll(j.a); err != nil || string(got) != "answer" {
		t.Fatalf("ReadAll = %q, %v", got, err)
	}
	if err := j.ended(t); err != nil {
		t.Errorf("Run = %v", err)
	}
}

func TestEndOfOneDirectionIsTheEndWithoutShutdown(t *testing.T) {
	j := join(t, host.New(), bare.Device(host.New()))
	j.a.Write([]byte("question"))
	j.a.CloseWrite()
	if got, err := io.ReadAll(j.b); err != nil || string(got) != "question" {
		t.Fatalf("ReadAll = %q, %v", got, err)
	}
	if err := j.ended(t); err != nil {
		t.Errorf("Run = %v", err)
	}
	if _, err := io.ReadAll(j.a); err != nil {
		t.Errorf("the end that was closed in order got %v", err)
	}
}

func reset(t *testing.T, c *net.TCPConn) {
	t.Helper()
	if err := c.SetLinger(0); err != nil {
		t.Fatal(err)
	}
	c.Close()
}

func wantReset(t *testing.T, c *net.TCPConn) {
	t.Helper()
	if _, err := io.ReadAll(c); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the other end got %v, want a reset", err)
	}
}

func TestResetGoesThrough(t *testing.T) {
	for name, dev := range devices() {
		for direction, pick := range map[string]func(*joined) (from, to *net.TCPConn){
			"A to B": func(j *joined) (from, to *net.TCPConn) { return j.a, j.b },
			"B to A": func(j *joined) (from, to *net.TCPConn) { return j.b, j.a },
		} {
			t.Run(name+" "+direction, func(t *testing.T) {
				j := join(t, dev(), dev())
				from, to := pick(j)
				reset(t, from)
				wantReset(t, to)
				if err := j.ended(t); !errors.Is(err, netdev.ErrConnReset) {
					t.Errorf("Run = %v", err)
				}
			})
		}
	}
}

func TestResetAfterHalfCloseGoesThrough(t *testing.T) {
	j := join(t, host.New(), host.New())
	j.a.CloseWrite()
	if _, err := io.ReadAll(j.b); err != nil {
		t.Fatal(err)
	}
	reset(t, j.a)
	// Nothing is sent to A here: only B's own reset can end this.
	buf := make([]byte, 1)
	if err := j.ended(t); !errors.Is(err, netdev.ErrConnReset) {
		t.Errorf("Run = %v", err)
	}
	for {
		if _, err := j.b.Write(buf); err != nil {
			if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
				t.Errorf("Write = %v", err)
			}
			return
		}
	}
}

// A reader that stops must stop the writer at the far end, after no more than
// what the buffers on the way hold.
func TestSlowReaderHoldsTheWriterBack(t *testing.T) {
	j := join(t, host.New(), host.New())
	j.b.SetReadBuffer(64 << 10)
	j.a.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
	data := bytes.Repeat([]byte("0123456789abcdef"), 4<<20) // 64 MiB
	n, err := j.a.Write(data)
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("Write = %d, %v, though nobody reads", n, err)
	}
	j.a.CloseWrite()
	got, err := io.ReadAll(j.b)
	if err != nil || !bytes.Equal(got, data[:n]) {
		t.Errorf("read %d bytes, %v; %d were written", len(got), err, n)
	}
}

func TestContextEndsAConnectionWithResets(t *testing.T) {
	j := join(t, host.New(), host.New())
	j.stop()
	if err := j.ended(t); !errors.Is(err, context.Canceled) {
		t.Errorf("Run = %v", err)
	}
	wantReset(t, j.a)
	wantReset(t, j.b)
}
