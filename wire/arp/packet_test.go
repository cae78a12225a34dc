package arp

import (
	"bytes"
	"encoding/hex"
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		panic(err)
	}
	return b
}

func dirty(n int) []byte { return bytes.Repeat([]byte{0xa5}, n) }

var (
	alice   = [6]byte{0x0e, 0xcc, 0x31, 0x23, 0x03, 0x4f}
	bob     = [6]byte{0x8e, 0x19, 0xd6, 0xac, 0xb0, 0x8e}
	aliceIP = netip.MustParseAddr("192.0.2.1")
	bobIP   = netip.MustParseAddr("192.0.2.2")
	none    = netip.IPv4Unspecified()
)

// The first two are Linux's, from a capture.
var vectors = []struct {
	name                            string
	packet                          []byte
	header                          Header
	probe, announcement, gratuitous bool
}{
	{
		name:   "request",
		packet: unhex("0001 0800 06 04 0001 0ecc3123034f c0000201 000000000000 c0000202"),
		header: Header{Op: OpRequest, SenderHW: alice, SenderIP: aliceIP, TargetIP: bobIP},
	},
	{
		name:   "reply",
		packet: unhex("0001 0800 06 04 0002 8e19d6acb08e c0000202 0ecc3123034f c0000201"),
		header: Header{Op: OpReply, SenderHW: bob, SenderIP: bobIP, TargetHW: alice, TargetIP: aliceIP},
	},
	{
		name:   "probe",
		packet: unhex("0001 0800 06 04 0001 0ecc3123034f 00000000 000000000000 c0000201"),
		header: Header{Op: OpRequest, SenderHW: alice, SenderIP: none, TargetIP: aliceIP},
		probe:  true,
	},
	{
		name:         "announcement",
		packet:       unhex("0001 0800 06 04 0001 0ecc3123034f c0000201 000000000000 c0000201"),
		header:       Header{Op: OpRequest, SenderHW: alice, SenderIP: aliceIP, TargetIP: aliceIP},
		announcement: true,
		gratuitous:   true,
	},
	{
		name:       "gratuitous reply",
		packet:     unhex("0001 0800 06 04 0002 0ecc3123034f c0000201 ffffffffffff c0000201"),
		header:     Header{Op: OpReply, SenderHW: alice, SenderIP: aliceIP, TargetHW: [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, TargetIP: aliceIP},
		gratuitous: true,
	},
	{
		name:   "request for and from nobody",
		packet: unhex("0001 0800 06 04 0001 0ecc3123034f 00000000 000000000000 00000000"),
		header: Header{Op: OpRequest, SenderHW: alice, SenderIP: none, TargetIP: none},
		probe:  true,
	},
	{
		name:   "answer to nobody",
		packet: unhex("0001 0800 06 04 0002 0ecc3123034f 00000000 000000000000 c0000201"),
		header: Header{Op: OpReply, SenderHW: alice, SenderIP: none, TargetIP: aliceIP},
	},
}

func TestFieldsOfAPacket(t *testing.T) {
	for _, v := range vectors {
		p, err := Parse(append(bytes.Clone(v.packet), make([]byte, 18)...)) // with the frame's padding
		if err != nil || len(p) != Len {
			t.Errorf("%s: %d bytes, %v", v.name, len(p), err)
			continue
		}
		if h := p.Header(); h != v.header {
			t.Errorf("%s: %+v, want %+v", v.name, h, v.header)
		}
		if p.IsProbe() != v.probe || p.IsAnnouncement() != v.announcement || p.IsGratuitous() != v.gratuitous {
			t.Errorf("%s: probe %v, announcement %v, gratuitous %v", v.name, p.IsProbe(), p.IsAnnouncement(), p.IsGratuitous())
		}
	}
}

func TestEmitOntoDirtyMemory(t *testing.T) {
	for _, v := range vectors {
		b := dirty(Len + 4)
		if n := v.header.Emit(b); n != Len || n != v.header.Len() {
			t.Errorf("%s: %d bytes", v.name, n)
		}
		if !bytes.Equal(b, append(bytes.Clone(v.packet), dirty(4)...)) {
			t.Errorf("%s: %x, want %x", v.name, b, v.packet)
		}
	}
}

func TestPacketsAreMadeByWhatTheyAreFor(t *testing.T) {
	request, err := Parse(vectors[0].packet)
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range []Header{Request(alice, aliceIP, bobIP), Reply(bob, request), Probe(alice, aliceIP), Announcement(alice, aliceIP)} {
		if h != vectors[i].header {
			t.Errorf("%s: %+v, want %+v", vectors[i].name, h, vectors[i].header)
		}
	}
}

func TestAddressesOfOtherFamiliesAreSentAsNone(t *testing.T) {
	h := Header{Op: OpRequest, SenderIP: netip.Addr{}, TargetIP: netip.MustParseAddr("2001:db8::1")}
	b := dirty(Len)
	h.Emit(b)
	if p := Packet(b); p.SenderIP() != none || p.TargetIP() != none {
		t.Errorf("%v, %v", p.SenderIP(), p.TargetIP())
	}
	h.TargetIP = netip.MustParseAddr("::ffff:192.0.2.2")
	h.Emit(b)
	if p := Packet(b); p.TargetIP() != bobIP {
		t.Errorf("mapped address: %v", p.TargetIP())
	}
}

func TestWhatIsNoPacketIsRefused(t *testing.T) {
	good := vectors[0].packet
	for n := range Len {
		if _, err := Parse(good[:n:n]); !errors.Is(err, ErrShort) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	for at, want := range []error{ErrHardware, ErrHardware, ErrProtocol, ErrProtocol, ErrAddrLength, ErrAddrLength} {
		b := bytes.Clone(good)
		b[at] ^= 0x10
		if _, err := Parse(b); !errors.Is(err, want) {
			t.Errorf("byte %d changed: %v, want %v", at, err, want)
		}
	}
}

func TestEmitPanicsWhereThereIsNoRoom(t *testing.T) {
	b := dirty(Len)
	defer func() {
		if recover() == nil || !bytes.Equal(b, dirty(Len)) {
			t.Error("no panic, or too late")
		}
	}()
	vectors[0].header.Emit(b[:Len-1])
}

func TestNothingAllocates(t *testing.T) {
	b := bytes.Clone(vectors[0].packet)
	if n := testing.AllocsPerRun(100, func() {
		p, err := Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		h := Reply(bob, p)
		h.Emit(b)
		h = p.Header()
		h = Request(alice, h.SenderIP, h.TargetIP)
		h.Emit(b)
		if _, err := Parse(b[:9]); err != ErrShort {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzPacket(f *testing.F) {
	for _, v := range vectors {
		f.Add(v.packet)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := Parse(b)
		if err != nil {
			return
		}
		h := p.Header()
		out := dirty(Len)
		h.Emit(out)
		if !bytes.Equal(out, p) {
			t.Errorf("%x became %x", []byte(p), out)
		}
		if p.IsProbe() && p.IsGratuitous() {
			t.Error("a probe for an address that the sender has")
		}
		again, err := Parse(out)
		if err != nil || again.Header() != h {
			t.Errorf("%+v came back as %+v, %v", h, again.Header(), err)
		}
	})
}
