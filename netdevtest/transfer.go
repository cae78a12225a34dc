package netdevtest

import (
	"bytes"
	"errors"
	"io"
	"net"
	"time"

	"github.com/netdev-go/netdev"
)

// bulk is more than a segment and a chip's buffer, and soon sent.
const bulk = 256 << 10

// sendAll sends data with one Send.
func (t *trial) sendAll(fd int, data []byte) {
	t.Helper()
	n, err := t.dev.Send(fd, data, 0, t.soonest())
	if n != len(data) || err != nil {
		t.Fatalf("Send of %d bytes: %v, want %d, nil", len(data), result{n, err}, len(data))
	}
}

// recvN receives n bytes of a stream.
func (t *trial) recvN(fd, n int) []byte {
	t.Helper()
	data := make([]byte, n)
	got := 0
	for got < n {
		m, err := t.dev.Recv(fd, data[got:], 0, t.soonest())
		if err != nil || m < 1 || m > n-got {
			t.Fatalf("Recv with room for %d bytes, after %d of %d: %v, want 1 to %d, nil",
				n-got, got, n, result{m, err}, n-got)
		}
		got += m
	}
	return data
}

// recvEOF receives what is left of a stream, to its end.
func (t *trial) recvEOF(fd int) []byte {
	t.Helper()
	var data []byte
	buf := make([]byte, 4096)
	for {
		n, err := t.dev.Recv(fd, buf, 0, t.soonest())
		data = append(data, buf[:max(n, 0)]...)
		if n == 0 && err == io.EOF {
			return data
		}
		if err != nil || n < 1 || n > len(buf) {
			t.Fatalf("Recv after %d bytes: %v, want bytes or 0, EOF", len(data), result{n, err})
		}
	}
}

// same compares what arrived with what was sent.
func (t *trial) same(what string, got, want []byte) {
	t.Helper()
	if bytes.Equal(got, want) {
		return
	}
	at := 0
	for at < len(got) && at < len(want) && got[at] == want[at] {
		at++
	}
	t.Fatalf("%s: %d bytes arrived, %d were sent, and they differ from byte %d on", what, len(got), len(want), at)
}

// peerSend writes data on the peer's end.
func (t *trial) peerSend(c net.Conn, data []byte) {
	t.Helper()
	if n, err := c.Write(data); err != nil {
		t.Fatalf("the peer could write %d of %d bytes: %v", n, len(data), err)
	}
}

// peerRecv reads n bytes on the peer's end.
func (t *trial) peerRecv(c net.Conn, n int) []byte {
	t.Helper()
	data := make([]byte, n)
	if got, err := io.ReadFull(c, data); err != nil {
		t.Fatalf("%d of %d bytes reached the peer: %v", got, n, err)
	}
	return data
}

// peerEOF reads to the end of the stream on the peer's end.
func (t *trial) peerEOF(c net.Conn) []byte {
	t.Helper()
	data, err := io.ReadAll(c)
	if err != nil {
		t.Fatalf("the peer's stream ended after %d bytes with %v, want a FIN", len(data), err)
	}
	return data
}

// closeWrite sends the peer's FIN.
func (t *trial) closeWrite(c net.Conn) {
	t.Helper()
	if err := c.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Fatalf("the peer cannot close its direction: %v", err)
	}
}

// reset ends the connection with the peer's RST.
func (t *trial) reset(c net.Conn) {
	t.Helper()
	if err := c.(interface{ SetLinger(int) error }).SetLinger(0); err != nil {
		t.Fatalf("the peer cannot reset: %v", err)
	}
	c.Close()
}

// echo passes data both ways.
func (t *trial) echo(fd int, c net.Conn, seed uint64) {
	t.Helper()
	out, back := pattern(100, seed), pattern(100, seed+1)
	t.sendAll(fd, out)
	t.same("device to peer", t.peerRecv(c, len(out)), out)
	t.peerSend(c, back)
	t.same("peer to device", t.recvN(fd, len(back)), back)
}

// mostBuffered is more than a device and a peer that does not read ever hold.
const mostBuffered = 64 << 20

// stall sends to a peer that does not read until the device takes no more, and
// returns all that Send said it took.
func (t *trial) stall(fd int, c net.Conn) []byte {
	t.Helper()
	if b, ok := c.(interface{ SetReadBuffer(int) error }); ok {
		b.SetReadBuffer(64 << 10)
	}
	// Only to be done sooner: a device may say no.
	t.dev.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_SNDBUF, 64<<10)
	chunk := pattern(64<<10, 7)
	var taken []byte
	// A busy machine makes a pause, too: only a second Send that takes nothing
	// at all shows that there is no room.
	for idle, timeouts := 0, 0; len(taken) < mostBuffered; {
		// A chunk differs from the one before, or a lost one would not show.
		chunk[0]++
		n, err := t.dev.Send(fd, chunk, 0, in(t.cfg.Pause))
		if n < 0 || n > len(chunk) || (err == nil && n != len(chunk)) {
			t.Fatalf("Send of %d bytes: %v", len(chunk), result{n, err})
		}
		taken = append(taken, chunk[:n]...)
		if err == nil {
			continue
		}
		if !errors.Is(err, netdev.ErrTimeout) {
			t.Fatalf("Send to a peer that does not read: %v, want ErrTimeout", result{n, err})
		}
		if idle++; n > 0 {
			idle = 0
		}
		if timeouts++; idle == 2 || timeouts == 8 {
			return taken
		}
	}
	t.Skipf("device and peer take more than %d bytes that nobody reads", mostBuffered)
	return nil
}

// waitRecv starts a Recv that must wait.
func (t *trial) waitRecv(fd int, buf []byte, deadline time.Time) *pending {
	t.Helper()
	p := t.start("Recv", func() (int, error) { return t.dev.Recv(fd, buf, 0, deadline) })
	p.blocked()
	return p
}
