package netdevtest

import (
	"errors"
	"net/netip"

	"github.com/netdev-go/netdev"
)

var packetGroup = Group{
	Name: "Packet", Prefix: "PKT", Capability: "PacketNetdever", has: has[netdev.PacketNetdever],
	Rules: []Rule{
		{
			ID: "PKT-1", Name: "to whom, from whom", check: checkPacketAddresses,
			Text: "`SendTo` sends to `to` and nobody else; `RecvFrom` returns the sender's address.",
		},
		{
			ID: "PKT-2", Name: "answer to an unbound socket", check: checkPacketUnbound,
			Text: "`SendTo` on a socket that is not bound takes an ephemeral port, at which answers arrive.",
		},
		{
			ID: "PKT-3", Name: "a datagram's rest", check: checkPacketTruncates,
			Text: "The rest of a datagram that `buf` has no room for is dropped, never handed out as the next one.",
		},
		{
			ID: "PKT-4", Name: "connected refuses another", check: checkPacketConnected,
			Text: "On a socket that `Connect` was called on, `SendTo` another peer is `ErrIsConnected`.",
		},
		{
			ID: "PKT-5", Name: "connected hears its own", check: checkPacketHearsOwn,
			Text: "On a socket that `Connect` was called on, `RecvFrom` returns only datagrams of that peer.",
		},
		{
			ID: "PKT-6", Name: "too long", check: checkPacketTooLong,
			Text: "A datagram that is too long is `ErrMessageTooLong`, and nothing of it goes out.",
		},
		{
			ID: "PKT-7", Name: "deadlines", check: checkPacketDeadline,
			Text: "`SendTo` and `RecvFrom` heed deadlines as `Send` and `Recv` do.",
		},
		{
			ID: "PKT-8", Name: "Close wakes RecvFrom", check: checkPacketClose,
			Text: "`Close` wakes a blocked `RecvFrom` with `ErrClosed`.",
		},
		{
			ID: "PKT-9", Name: "empty datagram", check: checkPacketEmpty,
			Text: "An empty datagram is sent and received as 0 and nil, with its sender.",
		},
		{
			ID: "PKT-10", Name: "no such destination", check: checkPacketBadAddress,
			Text: "A destination that is no address is an error (`ErrDestAddrRequired`, `ErrInvalid`), and so is one of the other family.",
		},
	},
}

func checkPacketAddresses(t *trial) {
	fd := t.datagram()
	addr := t.bind(fd)
	pcs := [2]struct {
		send func([]byte)
		hear func() ([]byte, netip.AddrPort)
		addr netip.AddrPort
	}{}
	for i := range pcs {
		pc, at := t.peerPacket()
		pcs[i].addr = at
		pcs[i].send = func(data []byte) { t.tell(pc, addr, data) }
		pcs[i].hear = func() ([]byte, netip.AddrPort) { return t.heard(pc) }
	}
	for i := range 4 {
		p := pcs[i%2]
		data := pattern(50+i, uint64(i))
		n, err := t.dev.SendTo(fd, data, 0, p.addr, t.soonest())
		if n != len(data) || err != nil {
			t.Fatalf("SendTo of %d bytes: %v", len(data), result{n, err})
		}
		got, from := p.hear()
		t.same("a datagram of SendTo", got, data)
		if from != addr {
			t.Fatalf("a datagram from a socket bound to %v came from %v", addr, from)
		}
		p.send(data)
		buf := make([]byte, 100)
		n, from, err = t.dev.RecvFrom(fd, buf, 0, t.soonest())
		t.must("RecvFrom", err)
		t.same("a datagram of RecvFrom", buf[:n], data)
		if from != p.addr {
			t.Fatalf("RecvFrom says that the datagram is from %v, want %v", from, p.addr)
		}
	}
}

func checkPacketUnbound(t *trial) {
	pc, to := t.peerPacket()
	fd := t.datagram()
	_, err := t.dev.SendTo(fd, []byte("question"), 0, to, t.soonest())
	t.must("SendTo on a new socket", err)
	_, from := t.heard(pc)
	t.tell(pc, from, []byte("answer"))
	buf := make([]byte, 100)
	n, _, err := t.dev.RecvFrom(fd, buf, 0, t.soonest())
	t.must("RecvFrom", err)
	t.same("the answer", buf[:n], []byte("answer"))
}

func checkPacketTruncates(t *trial) {
	fd := t.datagram()
	addr := t.bind(fd)
	pc, at := t.peerPacket()
	t.tell(pc, addr, []byte("a long datagram"))
	t.tell(pc, addr, []byte("next"))
	buf := make([]byte, 6)
	for _, want := range []string{"a long", "next"} {
		n, from, err := t.dev.RecvFrom(fd, buf, 0, t.soonest())
		if err != nil || string(buf[:max(n, 0)]) != want || from != at {
			t.Fatalf("RecvFrom with room for 6 bytes: %v %q from %v, want %q from %v",
				result{n, err}, buf[:max(n, 0)], from, want, at)
		}
	}
}

func checkPacketConnected(t *trial) {
	fd, _, pc := t.udp()
	_, stranger := t.peerPacket()
	n, err := t.dev.SendTo(fd, []byte("x"), 0, stranger, t.soonest())
	if n != 0 || !errors.Is(err, netdev.ErrIsConnected) {
		t.Fatalf("SendTo a stranger on a connected socket: %v, want 0, ErrIsConnected", result{n, err})
	}
	t.sendAll(fd, []byte("to the peer"))
	got, _ := t.heard(pc)
	t.same("a datagram to the peer", got, []byte("to the peer"))
}

func checkPacketHearsOwn(t *trial) {
	fd, addr, pc := t.udp()
	stranger, _ := t.peerPacket()
	t.tell(stranger, addr, []byte("from a stranger"))
	t.tell(pc, addr, []byte("from the peer"))
	buf := make([]byte, 100)
	n, from, err := t.dev.RecvFrom(fd, buf, 0, t.soonest())
	t.must("RecvFrom on a connected socket", err)
	t.same("a datagram from the peer", buf[:n], []byte("from the peer"))
	if want := peerAddr(pc.LocalAddr()); from != want {
		t.Fatalf("RecvFrom says that the datagram is from %v, want %v", from, want)
	}
}

func checkPacketTooLong(t *trial) {
	fd := t.datagram()
	pc, to := t.peerPacket()
	n, err := t.dev.SendTo(fd, make([]byte, 70000), 0, to, t.soonest())
	if n != 0 || !errors.Is(err, netdev.ErrMessageTooLong) {
		t.Fatalf("SendTo of 70000 bytes: %v, want 0, ErrMessageTooLong", result{n, err})
	}
	_, err = t.dev.SendTo(fd, []byte("next"), 0, to, t.soonest())
	t.must("SendTo", err)
	got, _ := t.heard(pc)
	t.same("the datagram after one that was too long", got, []byte("next"))
}

func checkPacketDeadline(t *trial) {
	fd := t.datagram()
	addr := t.bind(fd)
	pc, to := t.peerPacket()
	buf := make([]byte, 10)
	t.tell(pc, addr, []byte("kept"))
	past := in(-t.cfg.Timeout)
	n, _, err := t.dev.RecvFrom(fd, buf, 0, past)
	if n != 0 || !errors.Is(err, netdev.ErrTimeout) {
		t.Fatalf("RecvFrom with a deadline in the past: %v, want 0, ErrTimeout", result{n, err})
	}
	n, err = t.dev.SendTo(fd, []byte("never"), 0, to, past)
	if n != 0 || !errors.Is(err, netdev.ErrTimeout) {
		t.Fatalf("SendTo with a deadline in the past: %v, want 0, ErrTimeout", result{n, err})
	}
	n, _, err = t.dev.RecvFrom(fd, buf, 0, t.soonest())
	t.must("RecvFrom", err)
	t.same("what a deadline in the past left", buf[:n], []byte("kept"))
	n, _, err = t.dev.RecvFrom(fd, buf, 0, in(t.cfg.Pause))
	if n != 0 || !errors.Is(err, netdev.ErrTimeout) {
		t.Fatalf("RecvFrom where nothing came: %v, want 0, ErrTimeout", result{n, err})
	}
}

func checkPacketClose(t *trial) {
	fd := t.datagram()
	t.bind(fd)
	p := t.start("RecvFrom", func() (int, error) {
		n, _, err := t.dev.RecvFrom(fd, make([]byte, 10), 0, never)
		return n, err
	})
	p.blocked()
	t.close(fd)
	if res := p.soon(); res.n != 0 || !errors.Is(res.err, netdev.ErrClosed) {
		t.Fatalf("RecvFrom whose socket was closed: %v, want 0, ErrClosed", res)
	}
}

func checkPacketEmpty(t *trial) {
	fd := t.datagram()
	addr := t.bind(fd)
	pc, at := t.peerPacket()
	if n, err := t.dev.SendTo(fd, nil, 0, at, t.soonest()); n != 0 || err != nil {
		t.Fatalf("SendTo of nothing: %v, want 0, nil", result{n, err})
	}
	if got, _ := t.heard(pc); len(got) != 0 {
		t.Fatalf("instead of an empty datagram the peer heard %q", got)
	}
	t.tell(pc, addr, nil)
	n, from, err := t.dev.RecvFrom(fd, make([]byte, 10), 0, t.soonest())
	if n != 0 || err != nil || from != at {
		t.Fatalf("RecvFrom of an empty datagram: %v from %v, want 0, nil from %v", result{n, err}, from, at)
	}
}

func checkPacketBadAddress(t *trial) {
	fd := t.datagram()
	_, err := t.dev.SendTo(fd, []byte("x"), 0, netip.AddrPort{}, t.soonest())
	t.want("SendTo the zero AddrPort", err, netdev.ErrDestAddrRequired, netdev.ErrInvalid)
	_, err = t.dev.SendTo(fd, []byte("x"), 0, netip.MustParseAddrPort("[2001:db8::1]:9"), t.soonest())
	t.want("SendTo an IPv6 address on an IPv4 socket", err, errOtherFamily...)
}
