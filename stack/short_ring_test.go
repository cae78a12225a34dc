package stack_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/netdev-go/netdev/stack"
	"github.com/netdev-go/netdev/wire/icmpv4"
	"github.com/netdev-go/netdev/wire/ipv4"
	"github.com/netdev-go/netdev/wire/udp"
)

// fragmentsOf returns a packet with such a payload in fragments of so many bytes.
func fragmentsOf(h ipv4.Header, payload []byte, each int) (frames [][]byte) {
	for at := 0; at < len(payload); at += each {
		h.FragmentOffset = at
		h.Flags = 0
		if at+each < len(payload) {
			h.Flags = ipv4.MoreFragments
		}
		frames = append(frames, packetOf(h, payload[at:min(at+each, len(payload))]))
	}
	return frames
}

// A small board puts packets together in the one frame that answers go out in, too.
func TestAnswersToWhatCameInFragmentsAreWhole(t *testing.T) {
	for _, options := range []int{0, 8} {
		c := stack.SmallBoard()
		c.Clock = &handClock{now: time.Unix(1, 0)}
		s, r := recorded(t, c)
		ip := ipv4.Header{ID: 7, Src: addrB, Dst: addrA, Options: bytes.Repeat([]byte{1}, options)}
		data := bytes.Repeat([]byte("0123456789abcdef"), 40)[:576-28-options]

		ping := make([]byte, icmpv4.HeaderLen, 1000)
		h := icmpv4.Echo(1, 2)
		h.Emit(ping)
		ping = append(ping, data...)
		icmpv4.Message(ping).FillChecksum()
		ip.Protocol = icmpv4.Protocol
		for _, f := range fragmentsOf(ip, ping, 304) {
			r.handler(f)
		}
		if len(r.packets) != 1 {
			t.Fatalf("%d packets", len(r.packets))
		}
		m, err := icmpv4.Parse(r.packets[0].Payload())
		if err != nil || m.Type() != icmpv4.TypeEchoReply || !m.ChecksumOK() || !bytes.Equal(m.Payload(), data) {
			t.Errorf("options of %d: %v, %d bytes", options, err, len(r.packets[0]))
		}

		r.packets = nil
		b := make([]byte, udp.HeaderLen, 1000)
		u := udp.Header{SrcPort: 9, DstPort: 99, Length: uint16(udp.HeaderLen + len(data))}
		u.Emit(b)
		b = append(b, data...)
		udp.Datagram(b).FillChecksum(addrB, addrA)
		ip.Protocol = udp.Protocol
		for _, f := range fragmentsOf(ip, b, 304) {
			r.handler(f)
		}
		if len(r.packets) != 1 {
			t.Fatalf("%d packets", len(r.packets))
		}
		m, err = icmpv4.Parse(r.packets[0].Payload())
		if err != nil || m.Type() != icmpv4.TypeUnreachable || !m.ChecksumOK() {
			t.Fatalf("%v, type %v", err, m.Type())
		}
		q, err := ipv4.ParseQuote(m.Payload())
		if err != nil || !bytes.Equal(q.Payload(), b[:len(q.Payload())]) || len(q.Payload()) < 500 {
			t.Errorf("options of %d: the error quotes %d bytes, %v", options, len(q.Payload()), err)
		}
		must(t, s.Stop())
	}
}
