package main

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/internal/checksum"
	"github.com/netdev-go/netdev/stack/tcp"
)

const (
	core  = "netdev-core"
	plain = "netdev-plain"
	floor = "floor"
)

func init() {
	Register(Workload{
		ID: "W1-core", Title: "bulk, both ends of TCP in one event loop",
		Note:     "The floor copies each byte twice and sums it up twice, in pieces of a segment. The core's ends lend their memory; plain is Write and Read.",
		Subjects: []string{core, plain, floor}, Figures: bulkFigures,
		Run: func(subject string, o Options) (Result, error) {
			if subject == floor {
				return runLoop(o, copyAndSum())
			}
			l, err := newLoop()
			if err != nil {
				return Result{}, err
			}
			l.lend = subject == core
			return runLoop(o, l.move)
		},
		Targets: []Target{
			{Text: "the core within 2 times of the floor's CPU time", Figure: cpuPerGiB, Subject: core, Than: floor, AtMost: 2},
		},
	})
}

// chunk is what is moved in one go.
const chunk = 64 << 10

// runLoop measures move, which moves a chunk.
func runLoop(o Options, move func() error) (Result, error) {
	loop := func(length time.Duration) (n int, err error) {
		for end := time.Now().Add(length); err == nil && (n == 0 || time.Now().Before(end)); n += 64 {
			for i := 0; i < 64 && err == nil; i++ {
				err = move()
			}
		}
		return n, err
	}
	if _, err := loop(o.Size.WarmUp()); err != nil {
		return Result{}, err
	}
	m := o.Begin("")
	n, err := loop(o.Size.Length())
	return bulkResult(m.End(), float64(n)*chunk), err
}

func copyAndSum() func() error {
	src, mid, dst := make([]byte, chunk), make([]byte, mss), make([]byte, chunk)
	var sum checksum.Sum
	return func() error {
		for off := 0; off < len(src); off += len(mid) {
			n := min(len(mid), len(src)-off)
			copy(mid[:n], src[off:])
			sum = sum.Add(checksum.Of(mid[:n])).Add(checksum.Of(mid[:n]))
			copy(dst[off:], mid[:n])
		}
		return nil
	}
}

// A loop is two engines whose segments go straight from one to the other, with a
// connection between them.
type loop struct {
	a, b           *tcp.Engine
	client, server *tcp.Conn
	now            time.Duration
	segment        [1480]byte
	in, out        []byte

	// lend has the client lend what it sends, and the server post where to put it, as
	// calls that wait do.
	lend    bool
	posting tcp.Posting
}

func newLoop() (*loop, error) {
	l := &loop{a: newEngine(1), b: newEngine(2), now: time.Hour, in: make([]byte, chunk), out: make([]byte, chunk)}
	at, to := netip.MustParseAddrPort("10.0.0.1:1000"), netip.MustParseAddrPort("10.0.0.2:80")
	listener, err := l.b.Listen(to, 1, tcp.Options{})
	if err != nil {
		return nil, err
	}
	l.client, err = l.a.Dial(l.now, at, to, tcp.Options{})
	if err != nil {
		return nil, err
	}
	l.flush()
	if l.server = listener.Accept(l.now); l.server == nil {
		return nil, errors.New("no connection")
	}
	return l, nil
}

func newEngine(seed uint64) *tcp.Engine {
	return tcp.New(tcp.Config{
		Pool: block.NewPool(block.Config{BlockSize: 2048, Blocks: 8192}),
		Rand: rand.New(rand.NewPCG(seed, 1)).Uint64,
	})
}

// move writes a chunk at one end and reads it at the other.
func (l *loop) move() error {
	began := l.now
	for sent, got := 0, 0; got < len(l.in); {
		if l.now += time.Microsecond; l.now > began+time.Minute {
			return errors.New("the connection stands still")
		}
		if l.lend {
			sent += l.client.Lend(l.now, l.in[sent:])
			l.posting = tcp.Posting{Buf: l.out[got:]}
			l.server.Post(&l.posting)
		} else {
			sent += l.client.Write(l.now, l.in[sent:])
		}
		l.flush()
		if l.lend {
			l.server.Post(nil)
			got += l.posting.N
			l.client.Recall()
		}
		got += l.server.Read(l.now, l.out[got:])
		l.flush()
	}
	return nil
}

// flush carries segments until there are none.
func (l *loop) flush() {
	for l.carry(l.a, l.b) || l.carry(l.b, l.a) {
	}
	for _, e := range []*tcp.Engine{l.a, l.b} {
		for c, n := e.Woken(); c != nil || n != nil; c, n = e.Woken() {
		}
	}
}

func (l *loop) carry(from, to *tcp.Engine) (any bool) {
	for {
		n, path := from.Output(l.now, l.segment[:])
		if n == 0 {
			return any
		}
		any = true
		to.Input(l.now, path.Local.Addr(), path.Remote.Addr(), l.segment[:n])
	}
}
