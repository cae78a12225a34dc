package netdevtest

import (
	"github.com/netdev-go/netdev"
)

var soakGroup = Group{Name: "Soak", Prefix: "SOAK", Rules: []Rule{
	{
		ID: "SOAK-1", Name: "streams", check: checkSoakStreams,
		Text: "1,000 streams, opened and closed one after the other, leave no socket, port or goroutine behind.",
	},
	{
		ID: "SOAK-2", Name: "datagram sockets", check: checkSoakDatagrams,
		Text: "1,000 datagram sockets that sent and received leave nothing behind.",
	},
	{
		ID: "SOAK-3", Name: "listeners", check: checkSoakListeners,
		Text: "1,000 listeners leave nothing behind.",
	},
	{
		ID: "SOAK-4", Name: "connections", check: checkSoakConnections,
		Text: "1,000 connections that carried data leave nothing behind.",
	},
	{
		ID: "SOAK-5", Name: "refusals and timeouts", check: checkSoakFailures,
		Text: "1,000 calls of each kind that fails leave nothing behind: refused, timed out, closed while they waited.",
	},
}}

// soak repeats cycle and fails the trial when the device then has fewer
// sockets, lists more of them, or runs more goroutines than after the first
// cycles. What a device sets up once, on first use, is no leak.
func (t *trial) soak(cycle func(i int)) {
	t.Helper()
	const warmUp = 10
	for i := range warmUp {
		cycle(i)
	}
	listed := t.countSockets()
	running, _ := goroutines(t.label)
	for i := range t.cfg.Soak {
		cycle(warmUp + i)
	}
	t.settle(running)
	if n := t.countSockets(); n > listed {
		t.Fatalf("the device lists %d sockets, %d after the first cycles", n, listed)
	}
	// A descriptor that was leaked each time would show here at the latest.
	fd, err := t.dev.Socket(inet, stream, netdev.IPPROTO_TCP)
	t.must("Socket after the last cycle", err)
	t.close(fd)
}

func (t *trial) countSockets() int {
	t.Helper()
	if t.dev.sockets == nil {
		return 0
	}
	all, err := t.dev.Sockets()
	t.must("Sockets", err)
	return len(all)
}

// open is socket without a cleanup: a cycle closes what it opens.
func (t *trial) open(stype int, cycle int) int {
	t.Helper()
	fd, err := t.dev.Socket(inet, stype, 0)
	if err != nil {
		t.Fatalf("Socket in cycle %d: %s", cycle, describe(err))
	}
	return fd
}

func checkSoakStreams(t *trial) {
	t.soak(func(i int) { t.close(t.open(stream, i)) })
}

func checkSoakDatagrams(t *trial) {
	pc, to := t.peerPacket()
	buf := make([]byte, 10)
	t.soak(func(i int) {
		fd := t.open(dgram, i)
		t.must("Connect", t.dev.Connect(fd, "", to))
		t.sendAll(fd, []byte("ping"))
		_, from := t.heard(pc)
		t.tell(pc, from, []byte("pong"))
		_, err := t.dev.Recv(fd, buf, 0, t.soonest())
		t.must("Recv", err)
		t.close(fd)
	})
}

func checkSoakListeners(t *trial) {
	addr := t.local(0)
	t.soak(func(i int) {
		fd := t.open(stream, i)
		t.must("Bind to port 0", t.dev.Bind(fd, addr))
		t.must("Listen", t.dev.Listen(fd, 1))
		t.close(fd)
	})
}

func checkSoakConnections(t *trial) {
	ln, addr := t.peerListener(inet)
	go func() {
		buf := make([]byte, 4)
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			c.SetDeadline(t.soonest())
			c.Read(buf)
			c.Write(buf)
			c.Close()
		}
	}()
	buf := make([]byte, 10)
	t.soak(func(i int) {
		fd := t.open(stream, i)
		t.must("Connect", t.dev.Connect(fd, "", addr))
		t.sendAll(fd, []byte("ping"))
		for {
			if _, err := t.dev.Recv(fd, buf, 0, t.soonest()); err != nil {
				break
			}
		}
		t.close(fd)
	})
}

func checkSoakFailures(t *trial) {
	refused := t.peer.Refused()
	_, to := t.peerPacket()
	t.soak(func(i int) {
		if refused.IsValid() {
			fd := t.open(stream, i)
			if err := t.dev.Connect(fd, "", refused); err == nil {
				t.Fatalf("Connect to %v, where nobody listens: nil", refused)
			}
			t.close(fd)
		}
		fd := t.open(dgram, i)
		t.must("Connect", t.dev.Connect(fd, "", to))
		t.dev.Recv(fd, make([]byte, 1), 0, in(t.cfg.Pause/1000))
		p := t.start("Recv", func() (int, error) { return t.dev.Recv(fd, make([]byte, 1), 0, never) })
		t.close(fd)
		p.soon()
	})
}
