//go:build !tinygo

package rtl8720dn_test

import (
	"io"
	"testing"
	"time"

	driver "github.com/netdev-go/netdev/drivers/rtl8720dn"
	"github.com/netdev-go/netdev/sim/boards/boardbench"
	"github.com/netdev-go/netdev/sim/rtl8720dn"
)

// segments are how much goes over the UART in one call: a small board's default,
// and the most there is.
var segments = map[string]int{"1460": 1460, "4000": 4000}

// report tells what each kilobyte cost on the UART.
func report(b *testing.B, w *world, before driver.Stats, bytes int) {
	s := w.Stats()
	kb := float64(bytes) / 1024
	b.ReportMetric(float64(s.Sent-before.Sent)/kb, "B-to-chip/KB")
	b.ReportMetric(float64(s.Received-before.Received)/kb, "B-from-chip/KB")
	b.ReportMetric(float64(s.Calls-before.Calls)/kb, "calls/KB")
}

// connected returns a board without a bubble, whose UART is as fast as memory.
func connected(b *testing.B, segment int) (w *world, fd int, far io.ReadWriteCloser) {
	board, chip := boot(b, static, func(_ *rtl8720dn.Config, dc *driver.Config) { dc.Segment = segment })
	peer, err := board.Network.Peer()
	if err != nil {
		b.Fatal(err)
	}
	w = &world{TB: b, Device: device(board), board: board, chip: chip, peer: peer}
	fd, far = w.connect()
	return w, fd, far
}

func BenchmarkSend(b *testing.B) {
	for name, segment := range segments {
		b.Run("segment="+name, func(b *testing.B) {
			w, fd, far := connected(b, segment)
			go io.Copy(io.Discard, far)
			buf := make([]byte, 32<<10)
			b.ReportAllocs()
			before, total := w.Stats(), 0
			b.SetBytes(int64(len(buf)))
			for b.Loop() {
				n, err := w.Send(fd, buf, 0, time.Time{})
				w.must("Send", err)
				total += n
			}
			report(b, w, before, total)
		})
	}
}

func BenchmarkRecv(b *testing.B) {
	for name, segment := range segments {
		b.Run("segment="+name, func(b *testing.B) {
			w, fd, far := connected(b, segment)
			go func() {
				for out := make([]byte, 32<<10); ; {
					if _, err := far.Write(out); err != nil {
						return
					}
				}
			}()
			buf := make([]byte, 32<<10)
			b.ReportAllocs()
			before, total := w.Stats(), 0
			b.SetBytes(int64(len(buf)))
			for b.Loop() {
				for left := len(buf); left > 0; {
					n, err := w.Recv(fd, buf[:left], 0, time.Time{})
					w.must("Recv", err)
					left -= n
					total += n
				}
			}
			report(b, w, before, total)
		})
	}
}

func BenchmarkEcho(b *testing.B) {
	w, fd, far := connected(b, 1460)
	go io.Copy(far, far)
	var one [1]byte
	b.ReportAllocs()
	before := w.Stats()
	for b.Loop() {
		_, err := w.Send(fd, one[:], 0, time.Time{})
		w.must("Send", err)
		_, err = w.Recv(fd, one[:], 0, time.Time{})
		w.must("Recv", err)
	}
	s := w.Stats()
	b.ReportMetric(float64(s.Calls-before.Calls)/float64(b.N), "calls/op")
	b.ReportMetric(float64(s.Sent+s.Received-before.Sent-before.Received)/float64(b.N), "B/echo")
}

// BenchmarkDatagrams is a datagram to a peer by SendTo, and its echo by RecvFrom.
func BenchmarkDatagrams(b *testing.B) {
	board, _ := boot(b, static, nil)
	boardbench.Datagrams(b, board)
}
