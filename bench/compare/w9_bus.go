package main

import (
	"context"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/boards"
	"github.com/netdev-go/netdev/sim/espat"
	"github.com/netdev-go/netdev/sim/rtl8720dn"
)

// A bus is what a driver's chip is behind.
type bus struct {
	boot func() (*boards.Board, func() traffic, error)
	byte time.Duration // how long one takes at the speed that the chip is used with

	// The most that one exchange moves, and the bytes that the protocol then needs
	// besides: of the request, of the answer, and of what asks whether there is any.
	piece, out, in int
}

// traffic is what has been on it: bytes of both directions, those that are clocked
// both ways at once counted once.
type traffic struct{ transactions, bytes float64 }

const kilobyte = 1024

// least is the minimum for a kilobyte, where extra is the protocol's for a piece.
func (b *bus) least(extra int) float64 {
	return kilobyte * (1 + float64(extra)/float64(b.piece))
}

func spi(hertz int) time.Duration { return 8 * time.Second / time.Duration(hertz) }

// uart has a start and a stop bit.
func uart(baud int) time.Duration { return 10 * time.Second / time.Duration(baud) }

var buses = map[string]*bus{
	"wifinina": {byte: spi(8e6), piece: 4076, out: 24, in: 24, boot: func() (*boards.Board, func() traffic, error) {
		board, chip, err := boards.WifiNINA(boards.Config{})
		return board, func() traffic {
			s := chip.Stats()
			return traffic{float64(s.Transactions), float64(s.ToChip + s.FromChip)}
		}, err
	}},
	"rtl8720dn": {byte: uart(rtl8720dn.Baud), piece: 4000, out: 40, in: 48, boot: func() (*boards.Board, func() traffic, error) {
		board, chip, err := boards.RTL8720DN(boards.Config{})
		return board, func() traffic {
			s := chip.Stats()
			return traffic{float64(s.Requests), float64(s.BytesIn + s.BytesOut)}
		}, err
	}},
	"espat": {byte: uart(espat.Baud), piece: 8192, out: 58, in: 76, boot: func() (*boards.Board, func() traffic, error) {
		board, chip, err := boards.ESPAT(boards.Config{})
		return board, func() traffic {
			s := chip.Stats()
			return traffic{float64(s.Commands), float64(s.BytesIn + s.BytesOut)}
		}, err
	}},
	// The datasheet guarantees 33.3 MHz; a socket's buffer is 2 KiB.
	"w5500": {byte: spi(33.3e6), piece: 2048, out: 12, in: 17, boot: func() (*boards.Board, func() traffic, error) {
		board, chip, err := boards.W5500(boards.Config{})
		return board, func() traffic {
			s := chip.Stats()
			return traffic{float64(s.Transactions), float64(s.ToChip)}
		}, err
	}},
}

const (
	busBytes  = "on the bus"
	busLeast  = "payload and unavoidable header"
	busFrames = "transactions"
	busRate   = "at the bus's speed"
	busWall   = "over the simulator"
	busCPU    = "CPU, with the simulator's"

	echoBytes  = "on the bus"
	echoFrames = "transactions"
	echoAtBus  = "at the bus's speed"
	echoWall   = "over the simulator"
	echoBusCPU = "CPU, with the simulator's"
)

func init() {
	drivers := []string{"wifinina", "rtl8720dn", "espat", "w5500"}
	for _, way := range []struct {
		id, title string
		run       func(busLink, time.Duration) (kilobytes float64, err error)
		extra     func(*bus) int
	}{
		{"W9-out", "what the driver of a chip sends", busLink.send, func(b *bus) int { return b.out }},
		{"W9-in", "what the driver of a chip receives", busLink.receive, func(b *bus) int { return b.in }},
	} {
		Register(Workload{
			ID: way.id, Title: way.title, Subjects: drivers, Alone: true,
			Note: "SPI at 8 and 33.3 MHz, UART at 614,400 and 115,200 baud; at the bus's speed nothing but the bus takes time.",
			Figures: []Figure{
				{Name: busBytes, Unit: "bytes/KiB", Lower: true},
				{Name: busLeast, Unit: "bytes/KiB", Lower: true},
				{Name: busFrames, Unit: "/KiB", Lower: true},
				{Name: busRate, Unit: "kB/s"},
				{Name: busWall, Unit: "MB/s"},
				{Name: busCPU, Unit: "ms/MB", Lower: true},
			},
			Run: func(subject string, o Options) (Result, error) {
				b := buses[subject]
				var kilobytes float64
				u, t, err := b.measure(o, func(l busLink, length time.Duration) (err error) {
					kilobytes, err = way.run(l, length)
					return err
				})
				if err != nil {
					return Result{}, err
				}
				perKilo, megabytes := t.bytes/kilobytes, kilobytes*kilobyte/1e6
				return u.result(map[string]float64{
					busBytes: perKilo, busLeast: b.least(way.extra(b)), busFrames: t.transactions / kilobytes,
					busRate: kilobyte / (perKilo * b.byte.Seconds()) / 1e3,
					busWall: megabytes / u.Wall.Seconds(), busCPU: float64(u.CPU.Milliseconds()) / megabytes,
				}), nil
			},
		})
	}
	Register(Workload{
		ID: "W9-echo", Title: "one byte there and back through the driver of a chip", Subjects: drivers, Alone: true,
		Figures: []Figure{
			{Name: echoAtBus, Unit: "µs", Lower: true},
			{Name: echoBytes, Unit: "bytes/echo", Lower: true},
			{Name: echoFrames, Unit: "/echo", Lower: true},
			{Name: echoWall, Unit: "µs", Lower: true},
			{Name: echoBusCPU, Unit: "µs", Lower: true},
		},
		Run: func(subject string, o Options) (Result, error) {
			b := buses[subject]
			var echoes float64
			u, t, err := b.measure(o, func(l busLink, length time.Duration) (err error) {
				echoes, err = l.echo(length)
				return err
			})
			if err != nil {
				return Result{}, err
			}
			return u.result(map[string]float64{
				echoAtBus: t.bytes / echoes * micros(b.byte), echoBytes: t.bytes / echoes, echoFrames: t.transactions / echoes,
				echoWall: micros(u.Wall) / echoes, echoBusCPU: micros(u.CPU) / echoes,
			}), nil
		},
	})
}

// measure boots a board and runs f on a connection of its, once to warm up.
func (b *bus) measure(o Options, f func(busLink, time.Duration) error) (u Usage, t traffic, err error) {
	board, seen, err := b.boot()
	if err != nil {
		return u, t, err
	}
	defer board.Stop()
	if err := board.NetConnect(&netlink.ConnectParams{}); err != nil {
		return u, t, err
	}
	l, err := dialPeer(board)
	if err != nil {
		return u, t, err
	}
	if err := f(l, o.Size.WarmUp()); err != nil {
		return u, t, err
	}
	before := seen()
	m := o.Begin("")
	err = f(l, o.Size.Length())
	u = m.End()
	after := seen()
	return u, traffic{after.transactions - before.transactions, after.bytes - before.bytes}, err
}

// A busLink is a connection between a chip's socket and a host beside it.
type busLink struct {
	dev  netdev.Netdever
	fd   int
	peer net.Conn
}

func dialPeer(board *boards.Board) (l busLink, err error) {
	p, err := board.Peer()
	if err != nil {
		return l, err
	}
	listener, err := p.Listen(context.Background(), "tcp4", ":7")
	if err != nil {
		return l, err
	}
	defer listener.Close()
	fd, err := board.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
	if err == nil {
		err = board.Connect(fd, "", netip.AddrPortFrom(p.Addr(netdev.AF_INET), 7))
	}
	if err != nil {
		return l, err
	}
	c, err := listener.Accept()
	return busLink{board, fd, c}, err
}

// busPiece is what one call sends or receives.
const busPiece = 16 << 10

// send returns when the peer has it all. It does not wait for that before, for the
// chip's TCP would have its last segment wait for a delayed ACK.
func (l busLink) send(length time.Duration) (kilobytes float64, err error) {
	buf := make([]byte, busPiece)
	total := make(chan int64, 1)
	done := make(chan error, 1)
	go func() {
		room := make([]byte, 4*busPiece)
		for got, all := int64(0), int64(-1); got != all; {
			n, err := l.peer.Read(room)
			if got += int64(n); err != nil {
				done <- err
				return
			}
			select {
			case all = <-total:
			default:
			}
		}
		done <- nil
	}()
	times, err := repeat(length, func() error {
		_, err := l.dev.Send(l.fd, buf, 0, time.Time{})
		return err
	})
	// The peer is told while there is still something for it to read.
	total <- int64(times+1) * busPiece
	if err == nil {
		_, err = l.dev.Send(l.fd, buf, 0, time.Time{})
	}
	if err == nil {
		err = <-done
	}
	return float64(times+1) * busPiece / kilobyte, err
}

func (l busLink) receive(length time.Duration) (kilobytes float64, err error) {
	out, in := make([]byte, busPiece), make([]byte, busPiece)
	ask := make(chan struct{})
	go func() {
		for range ask {
			l.peer.Write(out)
		}
	}()
	defer close(ask)
	times, err := repeat(length, func() error {
		ask <- struct{}{}
		for got := 0; got < busPiece; {
			n, err := l.dev.Recv(l.fd, in[:busPiece-got], 0, time.Time{})
			if got += n; err != nil {
				return err
			}
		}
		return nil
	})
	return float64(times) * busPiece / kilobyte, err
}

func (l busLink) echo(length time.Duration) (echoes float64, err error) {
	one := make([]byte, 1)
	ask := make(chan struct{})
	go func() {
		b := make([]byte, 1)
		for range ask {
			if _, err := io.ReadFull(l.peer, b); err == nil {
				l.peer.Write(b)
			}
		}
	}()
	defer close(ask)
	times, err := repeat(length, func() error {
		ask <- struct{}{}
		if _, err := l.dev.Send(l.fd, one, 0, time.Time{}); err != nil {
			return err
		}
		_, err := l.dev.Recv(l.fd, one, 0, time.Time{})
		return err
	})
	return float64(times), err
}
