package nina

import (
	"bytes"
	"testing"
)

// A script is a reply's bytes as they are clocked; behind them come zeros.
type script struct {
	b       []byte
	clocked int
}

func (s *script) read(p []byte) error {
	n := copy(p, s.b)
	s.b = s.b[n:]
	clear(p[n:])
	s.clocked += len(p)
	return nil
}

// emit is the frame of a reply to c.
func emit(c Command, params ...[]byte) []byte {
	b := []byte{startCommand, byte(c) | replyFlag, byte(len(params))}
	for _, p := range params {
		if c.wideReply() {
			b = append(b, byte(len(p)>>8))
		}
		b = append(append(b, byte(len(p))), p...)
	}
	b = append(b, endCommand)
	for len(b)%word != 0 {
		b = append(b, 0)
	}
	return b
}

func TestAScanIsReadWhole(t *testing.T) {
	var names [][]byte
	for i := range maxParams {
		names = append(names, bytes.Repeat([]byte{byte('a' + i)}, 32))
	}
	for n := 0; n <= maxParams; n++ {
		var r Reply
		s := &script{b: emit(ScanNetworks, names[:n]...)}
		size := len(s.b)
		if err := r.decode(s, ScanNetworks, nil); err != nil || r.Params() != n || s.clocked != size {
			t.Fatalf("%d networks: %v, %d of them, %d bytes of %d clocked", n, err, r.Params(), s.clocked, size)
		}
		for i := range n {
			if !bytes.Equal(r.Param(i), names[i]) {
				t.Errorf("network %d of %d is %q", i, n, r.Param(i))
			}
		}
	}
	names = append(names, nil)
	var r Reply
	if err := r.decode(&script{b: emit(ScanNetworks, names...)}, ScanNetworks, nil); err != ErrUnclear {
		t.Errorf("%d networks: %v", len(names), err)
	}
	if err := r.decode(&script{b: emit(ScanNetworks, make([]byte, 255), make([]byte, 255))}, ScanNetworks, nil); err != ErrUnclear {
		t.Errorf("names that are too long: %v", err)
	}
}

func TestAReplyCutOffAnywhereMakesNoSense(t *testing.T) {
	whole := emit(RecvFrom, []byte{10, 0, 2, 2}, []byte{53, 0}, []byte("a datagram"))
	for n := range bytes.IndexByte(whole, endCommand) + 1 {
		var r Reply
		if err := r.decode(&script{b: whole[:n:n]}, RecvFrom, make([]byte, 64)); err != ErrUnclear {
			t.Errorf("%d bytes of %d: %v", n, len(whole), err)
		}
	}
}

// Whatever arrives, decode stays within the frame and the caller's memory, and
// what it takes for a reply is one, byte for byte.
func FuzzReply(f *testing.F) {
	f.Add(byte(Recv), uint16(64), emit(Recv, []byte("hello")))
	f.Add(byte(RecvFrom), uint16(64), emit(RecvFrom, []byte{1, 2, 3, 4}, []byte{5, 6}, []byte("hello")))
	f.Add(byte(GetIP), uint16(0), emit(GetIP, []byte{1, 2, 3, 4}, []byte{5, 6, 7, 8}, []byte{9, 10, 11, 12}))
	f.Add(byte(StartClient), uint16(0), emit(StartClient))
	f.Add(byte(ScanNetworks), uint16(0), emit(ScanNetworks, []byte("one"), []byte("two")))
	f.Add(byte(Send), uint16(0), []byte{0xEF, 0, 0xEE, 0})
	f.Add(byte(Recv), uint16(4076), []byte{0xE0, 0xF8, 1, 0xFF, 0xFF})
	f.Fuzz(func(t *testing.T, cmd byte, room uint16, b []byte) {
		c := Command(cmd)
		if c.layout() == "" {
			t.Skip("a command that is not sent")
		}
		var into []byte
		if c.wideReply() {
			into = bytes.Repeat([]byte{0xA5}, int(room)+1)
		}
		var r Reply
		s := &script{b: bytes.Clone(b)}
		err := r.decode(s, c, into[:min(len(into), int(room))])
		if s.clocked > MaxFrame || s.clocked%word != 0 {
			t.Fatalf("%d bytes were clocked", s.clocked)
		}
		if len(into) > 0 && into[room] != 0xA5 {
			t.Fatal("it wrote behind the caller's memory")
		}
		if err != nil {
			return
		}
		var params [][]byte
		for i := range r.Params() {
			params = append(params, r.Param(i))
		}
		if c.wideReply() {
			params[len(params)-1] = into[:r.Len()]
		}
		want := emit(c, params...)
		if got := append(b[:min(len(b), s.clocked):len(b)], make([]byte, max(0, s.clocked-len(b)))...); !bytes.Equal(got, want) {
			t.Fatalf("% x was read as % x", got, want)
		}
	})
}
