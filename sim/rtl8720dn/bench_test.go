package rtl8720dn_test

import (
	"io"
	"net/netip"
	"strconv"
	"testing"

	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/rtl8720dn"
)

// echoing returns a function that has a chip, in real time, send size bytes to its
// own network and receive them.
func echoing(tb testing.TB, size int) func() {
	tb.Helper()
	board, err := sim.Boot(sim.Config{Forwards: []sim.Forward{}})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { board.Stop() })
	chip := rtl8720dn.New(rtl8720dn.Config{Network: board, BootTime: -1, BootNoise: []byte{}})
	tb.Cleanup(func() { chip.Stop() })
	w := &world{mcu: &mcu{tb: tb, port: chip.Port()}, chip: chip, board: board}
	chip.Enable(true)
	w.listening()
	w.join()
	lc := net.ListenConfig{Device: board}
	l, err := lc.Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { l.Close() })
	go func() {
		if conn, err := l.Accept(); err == nil {
			io.Copy(conn, conn)
		}
	}()
	n := w.stream()
	if r := w.i32(lwip, 0x09, n, name(netip.MustParseAddrPort(l.Addr().String())), uint32(16)); r != 0 {
		tb.Fatalf("connect = %d", r)
	}
	send := request(lwip, 0x0F, 1, n, make([]byte, size), 0)
	recv := request(lwip, 0x0C, 2, n, uint32(size), 0, uint32(0))
	reply := make([]byte, 4096)
	take := func(want int) {
		for got := 0; got < want; {
			w.port.WaitReadable(-1)
			k, _ := w.port.Read(reply[got:want])
			got += k
		}
	}
	return func() {
		w.port.Write(send)
		take(16)
		for got := 0; got < size; {
			w.port.Write(recv)
			take(16)
			n := int(reply[12]) | int(reply[13])<<8
			take(n + 4)
			got += n
		}
	}
}

func TestSteadyTrafficAllocatesNothing(t *testing.T) {
	echo := echoing(t, 1000)
	for range 10 {
		echo()
	}
	if n := testing.AllocsPerRun(100, echo); n >= 1 {
		t.Errorf("%v allocations for each exchange", n)
	}
}

func BenchmarkEcho(b *testing.B) {
	for _, size := range []int{1, 1000, 4000} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			echo := echoing(b, size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				echo()
			}
		})
	}
}
