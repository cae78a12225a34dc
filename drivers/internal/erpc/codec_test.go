package erpc_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/netdev-go/netdev/drivers/internal/erpc"
)

// unhex reads hexadecimal with spaces.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Requests as the vendor's library sends them.
func TestRequestsOfTheVendor(t *testing.T) {
	zero8 := make([]byte, 8)
	for _, tt := range []struct {
		name             string
		service, request uint8
		sequence         uint32
		values           func(e *erpc.Encoder)
		want             string
	}{
		{"tcpip_adapter_init", 0x0F, 0x01, 0, func(e *erpc.Encoder) {},
			"08 00 6A 50 00 01 0F 01 00 00 00 00"},
		{"system_version", 0x01, 0x01, 4, func(e *erpc.Encoder) {},
			"08 00 38 1A 00 01 01 01 04 00 00 00"},
		{"socket", 0x10, 0x12, 10, func(e *erpc.Encoder) { e.Int32(2); e.Int32(1); e.Int32(6) },
			"14 00 D6 80 00 12 10 01 0A 00 00 00 02 00 00 00 01 00 00 00 06 00 00 00"},
		{"connect", 0x10, 0x09, 11, func(e *erpc.Encoder) {
			e.Int32(0)
			e.Binary(append([]byte{0, 2, 0x87, 0x5D, 0x7F, 0, 0, 1}, zero8...))
			e.Uint32(16)
		}, "24 00 5F 40 00 09 10 01 0B 00 00 00 00 00 00 00 10 00 00 00 00 02 87 5D 7F 00 00 01" +
			"00 00 00 00 00 00 00 00 10 00 00 00"},
		{"send", 0x10, 0x0F, 12, func(e *erpc.Encoder) { e.Int32(0); e.String("hello rtl"); e.Int32(8) },
			"1D 00 CA 07 00 0F 10 01 0C 00 00 00 00 00 00 00 09 00 00 00" + hex.EncodeToString([]byte("hello rtl")) + "08 00 00 00"},
		{"recv", 0x10, 0x0C, 13, func(e *erpc.Encoder) { e.Int32(0); e.Uint32(1436); e.Int32(8); e.Uint32(0) },
			"18 00 CD 3B 00 0C 10 01 0D 00 00 00 00 00 00 00 9C 05 00 00 08 00 00 00 00 00 00 00"},
		{"close", 0x10, 0x08, 17, func(e *erpc.Encoder) { e.Int32(0) },
			"0C 00 16 EB 00 08 10 01 11 00 00 00 00 00 00 00"},
	} {
		e := erpc.NewEncoder(64)
		e.Begin(erpc.Header{Type: erpc.Invocation, Service: tt.service, Request: tt.request, Sequence: tt.sequence})
		tt.values(e)
		got, err := e.Frame()
		if err != nil || !bytes.Equal(got, unhex(t, tt.want)) {
			t.Errorf("%s: % x, %v\nwant % x", tt.name, got, err, unhex(t, tt.want))
		}
	}
}

// receive returns the only message in frame.
func receive(t *testing.T, frame []byte) []byte {
	t.Helper()
	r := erpc.NewReceiver(64)
	for len(frame) > 0 {
		n := copy(r.Space(), frame)
		frame = frame[n:]
		message, err := r.Took(n)
		if err != nil {
			t.Fatal(err)
		}
		if message != nil {
			if len(frame) > 0 {
				t.Fatalf("%d bytes behind the message", len(frame))
			}
			return message
		}
	}
	t.Fatal("no message")
	return nil
}

// Replies as the vendor's firmware sends them.
func TestRepliesOfTheVendor(t *testing.T) {
	for _, tt := range []struct {
		name   string
		frame  string
		header erpc.Header
		check  func(d *erpc.Decoder) bool
	}{
		{"tcpip_adapter_init", "0C 00 7B 2F 02 01 0F 01 00 00 00 00 00 00 00 00",
			erpc.Header{Type: erpc.Reply, Service: 0x0F, Request: 1},
			func(d *erpc.Decoder) bool { return d.Int32() == 0 }},
		{"system_version", "11 00 5D BE 02 01 01 01 04 00 00 00 05 00 00 00 32 2E 31 2E 33",
			erpc.Header{Type: erpc.Reply, Service: 1, Request: 1, Sequence: 4},
			func(d *erpc.Decoder) bool { return string(d.Binary()) == "2.1.3" }},
		{"socket", "0C 00 E7 51 02 12 10 01 0A 00 00 00 00 00 00 00",
			erpc.Header{Type: erpc.Reply, Service: 0x10, Request: 0x12, Sequence: 10},
			func(d *erpc.Decoder) bool { return d.Int32() == 0 }},
		{"recv", "19 00 95 71 02 0C 10 01 0D 00 00 00 09 00 00 00" + hex.EncodeToString([]byte("hello rtl")) + "09 00 00 00",
			erpc.Header{Type: erpc.Reply, Service: 0x10, Request: 0x0C, Sequence: 13},
			func(d *erpc.Decoder) bool { return string(d.Binary()) == "hello rtl" && d.Int32() == 9 }},
		{"recv of nothing", "11 00 20 F4 02 0C 10 01 0E 00 00 00 01 00 00 00 68 FF FF FF FF",
			erpc.Header{Type: erpc.Reply, Service: 0x10, Request: 0x0C, Sequence: 14},
			func(d *erpc.Decoder) bool { return len(d.Binary()) == 1 && d.Int32() == -1 }},
	} {
		h, d, err := erpc.ParseMessage(receive(t, unhex(t, tt.frame)))
		if err != nil || h != tt.header {
			t.Errorf("%s: %+v, %v", tt.name, h, err)
		}
		if !tt.check(&d) || d.End() != nil {
			t.Errorf("%s: other values", tt.name)
		}
	}
}

func TestAMessageThatIsTooLongIsNotSent(t *testing.T) {
	e := erpc.NewEncoder(16)
	e.Begin(erpc.Header{})
	e.Binary(make([]byte, 4))
	if _, err := e.Frame(); err != nil {
		t.Errorf("what just has room: %v", err)
	}
	e.Uint8(0)
	if _, err := e.Frame(); err != erpc.ErrTooLong {
		t.Errorf("a byte more: %v", err)
	}
	e.Begin(erpc.Header{})
	e.NullableString("")
	if f, err := e.Frame(); err != nil || len(f) != 4+8+1 || f[12] != 1 {
		t.Errorf("null: % x, %v", f, err)
	}
}

func TestAShortMessageHasNoValues(t *testing.T) {
	message := unhex(t, "02 0C 10 01 0D 00 00 00 09 00 00 00"+hex.EncodeToString([]byte("hello rtl"))+"09 00 00 00")
	for n := range message {
		h, d, err := erpc.ParseMessage(message[:n])
		if n < 8 {
			if err != erpc.ErrMalformed {
				t.Errorf("%d bytes of a header: %+v, %v", n, h, err)
			}
			continue
		}
		d.Binary()
		d.Int32()
		if d.End() != erpc.ErrMalformed {
			t.Errorf("%d bytes: no error", n)
		}
	}
	_, d, _ := erpc.ParseMessage(append(message, 0))
	d.Binary()
	d.Int32()
	if d.End() != erpc.ErrMalformed {
		t.Error("a byte too many: no error")
	}
	// A length that is negative, or beyond any memory.
	_, d, _ = erpc.ParseMessage(append(message[:8:8], 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3))
	if b := d.Binary(); b != nil || d.End() != erpc.ErrMalformed {
		t.Errorf("a length beyond the message: % x", b)
	}
	if _, _, err := erpc.ParseMessage([]byte{2, 0x0C, 0x10, 2, 0, 0, 0, 0}); err != erpc.ErrMalformed {
		t.Errorf("another version of the codec: %v", err)
	}
}

func TestAFrameThatIsTooLongIsRefusedAtItsHeader(t *testing.T) {
	r := erpc.NewReceiver(64)
	copy(r.Space(), []byte{65, 0, 0, 0})
	if m, err := r.Took(4); m != nil || err != erpc.ErrTooLong {
		t.Errorf("Took = %v, %v", m, err)
	}
	if r.Begun() {
		t.Error("something of it is left")
	}
}

// FuzzReceiver has a stream of bytes, in pieces, hold what is not a frame, and
// behind a silence a frame.
func FuzzReceiver(f *testing.F) {
	good := frame(erpc.Header{Type: erpc.Reply, Sequence: 1}, []byte("values"))
	f.Add(good, uint8(3))
	f.Add(append([]byte{0, 0, 0, 0, 1, 0}, good...), uint8(1))
	f.Add([]byte{0xFF, 0xFF, 0xFF, 0xFF}, uint8(200))
	f.Fuzz(func(t *testing.T, stream []byte, piece uint8) {
		r := erpc.NewReceiver(100)
		feed := func(stream []byte) (messages int) {
			for len(stream) > 0 {
				space := r.Space()
				if len(space) == 0 {
					t.Fatal("there is no room")
				}
				n := copy(space[:min(len(space), 1+int(piece))], stream)
				stream = stream[n:]
				m, err := r.Took(n)
				if m != nil && err != nil {
					t.Fatal("a message and an error")
				}
				if m != nil {
					messages++
				}
			}
			return messages
		}
		feed(stream)
		r.Reset()
		if n := feed(good); n != 1 || r.Begun() {
			t.Fatalf("%d messages from a good frame", n)
		}
	})
}

// FuzzDecoder reads values from what may be anything.
func FuzzDecoder(f *testing.F) {
	f.Add([]byte{2, 1, 1, 1, 0, 0, 0, 0, 5, 0, 0, 0, '2', '.', '1', '.', '3'}, []byte{0, 1, 2, 3, 4})
	f.Fuzz(func(t *testing.T, message, kinds []byte) {
		_, d, err := erpc.ParseMessage(message)
		if err != nil {
			return
		}
		read := 8
		for _, k := range kinds {
			switch k % 5 {
			case 0:
				read += 4 + len(d.Binary())
			case 1:
				read++
				d.Uint8()
			case 2:
				read += 2
				d.Uint16()
			case 3:
				read += 4
				d.Int32()
			case 4:
				read += len(d.Raw(int(k)))
				if int(k) > len(message) && d.End() == nil {
					t.Fatal("read what is not there")
				}
			}
		}
		if d.End() == nil && read != len(message) {
			t.Fatalf("read %d of %d bytes, and it is the end", read, len(message))
		}
	})
}
