package netdevtest

import (
	"errors"
	"time"

	"github.com/netdev-go/netdev"
)

var deadlineGroup = Group{Name: "Deadline", Prefix: "DLN", Rules: []Rule{
	{
		ID: "DLN-1", Name: "zero is none", check: checkDeadlineZero,
		Text: "The zero Time is no deadline: the call waits until there is something to return.",
	},
	{
		ID: "DLN-2", Name: "past fails at once", check: checkDeadlinePast,
		Text: "A deadline in the past is `ErrTimeout` at once, and nothing is moved, also where the call would not have had to wait.",
	},
	{
		ID: "DLN-3", Name: "passing wakes Recv", check: checkDeadlineRecv,
		Text: "A deadline that passes while `Recv` waits wakes it with 0 and `ErrTimeout`, not before it and soon after.",
	},
	{
		ID: "DLN-4", Name: "passing wakes Send", check: checkDeadlineSend,
		Text: "A deadline that passes while `Send` waits wakes it with `ErrTimeout`.",
	},
	{
		ID: "DLN-5", Name: "belongs to its call", check: checkDeadlineOwn,
		Text: "A deadline belongs to the call that it is given to: neither a later call nor one on the same socket at the same time feels it.",
	},
	{
		ID: "DLN-6", Name: "timeout loses nothing", check: checkDeadlineKeeps,
		Text: "What arrives after a `Recv` has timed out is returned by the next one.",
	},
	{
		ID: "DLN-7", Name: "any Time", check: checkDeadlineTable,
		Text: "Any Time is a deadline: with a monotonic clock reading or without, in any location, however far away.",
	},
}}

// timedOut receives on fd where nothing comes.
func (t *trial) timedOut(fd int, deadline time.Time) {
	t.Helper()
	n, err := t.dev.Recv(fd, make([]byte, 10), 0, deadline)
	if n != 0 || !errors.Is(err, netdev.ErrTimeout) {
		t.Fatalf("Recv where nothing came, deadline in %v: %v, want 0, ErrTimeout", time.Until(deadline), result{n, err})
	}
}

func checkDeadlineZero(t *trial) {
	fd, c := t.connected()
	buf := make([]byte, 10)
	p := t.waitRecv(fd, buf, never)
	t.peerSend(c, []byte("now"))
	if res := p.soon(); res.err != nil {
		t.Fatalf("Recv without a deadline: %v, want bytes", res)
	}

	fd, addr, pc := t.udp()
	p = t.waitRecv(fd, buf, never)
	t.tell(pc, addr, []byte("now"))
	if res := p.soon(); res.n != 3 || res.err != nil {
		t.Fatalf("Recv of a datagram without a deadline: %v, want 3, nil", res)
	}
}

func checkDeadlinePast(t *trial) {
	fd, c := t.connected()
	ufd, addr, pc := t.udp()
	t.peerSend(c, []byte("wait"))
	t.tell(pc, addr, []byte("wait"))
	// Peek at nothing: a byte each shows that the data has arrived.
	t.same("the first byte", t.recvN(fd, 1), []byte("w"))
	for _, past := range []time.Time{in(-time.Nanosecond), in(-time.Hour), time.Unix(1, 0)} {
		for _, s := range []int{fd, ufd} {
			t.timedOut(s, past)
			n, err := t.dev.Send(s, []byte("never"), 0, past)
			if n != 0 || !errors.Is(err, netdev.ErrTimeout) {
				t.Fatalf("Send with a deadline in the past: %v, want 0, ErrTimeout", result{n, err})
			}
		}
	}
	t.same("what a deadline in the past left", t.recvN(fd, 3), []byte("ait"))
	t.sendAll(fd, []byte("first"))
	t.same("the first bytes sent", t.peerRecv(c, 5), []byte("first"))
	t.sendAll(ufd, []byte("first"))
	got, _ := t.heard(pc)
	t.same("the first datagram sent", got, []byte("first"))
}

func checkDeadlineRecv(t *trial) {
	fd, _ := t.connected()
	ufd, _, _ := t.udp()
	for _, s := range []int{fd, ufd} {
		for _, d := range []time.Duration{t.cfg.Pause, time.Millisecond, 3 * t.cfg.Pause} {
			deadline := in(d)
			t.timedOut(s, deadline)
			if early := time.Until(deadline); early > 0 {
				t.Fatalf("Recv with a deadline in %v timed out %v early", d, early)
			}
		}
	}
}

func checkDeadlineSend(t *trial) {
	fd, c := t.connected()
	t.stall(fd, c)
	deadline := in(2 * t.cfg.Pause)
	n, err := t.dev.Send(fd, make([]byte, bulk), 0, deadline)
	if n < 0 || n >= bulk || !errors.Is(err, netdev.ErrTimeout) {
		t.Fatalf("Send to a peer that does not read: %v, want less than %d, ErrTimeout", result{n, err}, bulk)
	}
	if early := time.Until(deadline); early > 0 {
		t.Fatalf("Send timed out %v before its deadline", early)
	}
}

func checkDeadlineOwn(t *trial) {
	fd, c := t.connected()
	t.timedOut(fd, in(t.cfg.Pause/2))
	buf := make([]byte, 10)
	p := t.start("Recv without a deadline after one that timed out", func() (int, error) {
		return t.dev.Recv(fd, buf, 0, never)
	})
	p.blocked()
	// Calls beside it on the same socket, with deadlines of their own.
	t.dev.Send(fd, []byte("x"), 0, in(-time.Second))
	n, err := t.dev.Send(fd, []byte("x"), 0, in(t.cfg.Pause/2))
	if n != 1 || err != nil {
		t.Fatalf("Send beside a Recv that waits: %v, want 1, nil", result{n, err})
	}
	p.blocked()
	t.peerSend(c, []byte("data"))
	if res := p.soon(); res.err != nil {
		t.Fatalf("%s: %v, want bytes", p.what, res)
	}
}

func checkDeadlineKeeps(t *trial) {
	fd, c := t.connected()
	ufd, addr, pc := t.udp()
	for i := range 3 {
		t.timedOut(fd, in(t.cfg.Pause/3))
		data := pattern(100, uint64(i))
		t.peerSend(c, data)
		t.same("what came after a timeout", t.recvN(fd, len(data)), data)

		t.timedOut(ufd, in(t.cfg.Pause/3))
		t.tell(pc, addr, data)
		buf := make([]byte, 200)
		n, err := t.dev.Recv(ufd, buf, 0, t.soonest())
		t.must("Recv of a datagram after a timeout", err)
		t.same("a datagram that came after a timeout", buf[:n], data)
	}
}

func checkDeadlineTable(t *trial) {
	fd, c := t.connected()
	now := time.Now
	for _, past := range []time.Time{
		time.Unix(0, 0), time.Unix(-1, 0), time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC), now().Round(0).Add(-time.Second),
		now().In(time.FixedZone("ahead", 14*3600)).Add(-time.Millisecond),
	} {
		t.timedOut(fd, past)
	}
	t.timedOut(fd, now().Round(0).Add(t.cfg.Pause/3))
	t.timedOut(fd, now().Add(t.cfg.Pause/3).In(time.FixedZone("behind", -12*3600)))
	for _, far := range []time.Time{
		time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), time.Unix(1<<40, 0), now().Add(1<<63 - 1),
	} {
		p := t.waitRecv(fd, make([]byte, 1), far)
		t.peerSend(c, []byte("x"))
		if res := p.soon(); res.n != 1 || res.err != nil {
			t.Fatalf("Recv with a deadline in %v: %v, want 1, nil", far, res)
		}
		t.sendAll(fd, []byte("y"))
		t.peerRecv(c, 1)
	}
}
