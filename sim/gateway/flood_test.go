package gateway_test

import (
	"encoding/binary"
	"io"
	"net/netip"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/sim/gateway"
	"github.com/netdev-go/netdev/wire/ethernet"
	"github.com/netdev-go/netdev/wire/ipv4"
	"github.com/netdev-go/netdev/wire/tcp"
)

// A flooder sends connection requests that it does not mean, each from another
// address.
type flooder struct {
	w   *world
	dev *ether.Device
	gw  [6]byte
	n   uint32
}

func (w *world) flooder() *flooder {
	w.t.Helper()
	gw, err := w.devices["gateway"].HardwareAddr6()
	w.must(err)
	return &flooder{w: w, dev: w.device(ether.Config{Name: "flooder"}), gw: gw}
}

func (f *flooder) request(to netip.AddrPort) {
	f.w.t.Helper()
	f.n++
	mac, err := f.dev.HardwareAddr6()
	f.w.must(err)
	var src [4]byte
	binary.BigEndian.PutUint32(src[:], 0x0A000264+f.n%100) // 10.0.2.100 and on
	from := netip.AddrFrom4(src)
	frame := make([]byte, ethernet.HeaderLen+ipv4.HeaderLen+tcp.HeaderLen)
	eth := ethernet.Header{Dst: f.gw, Src: mac, Type: ethernet.TypeIPv4}
	n := eth.Emit(frame)
	ip := ipv4.Header{TotalLen: ipv4.HeaderLen + tcp.HeaderLen, TTL: 64, Protocol: tcp.Protocol, Src: from, Dst: to.Addr()}
	n += ip.Emit(frame[n:])
	syn := tcp.Header{SrcPort: uint16(1024 + f.n/100), DstPort: to.Port(), Seq: tcp.Seq(f.n), Flags: tcp.SYN, Window: 1000}
	syn.Emit(frame[n:])
	tcp.Segment(frame[n:]).FillChecksum(from, to.Addr())
	f.w.must(f.dev.SendOffsetEthFrame(frame))
}

func TestAFloodOfConnectionRequestsIsBoundedAndKeepsNobodyOut(t *testing.T) {
	for name, target := range map[string]netip.Addr{"answered": farAddr, "never answered": nobody} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				w.served(w.listen(w.far, netip.AddrPortFrom(farAddr, port)), echo)
				board := w.board("board")
				before, err := w.dial(board, "tcp", netip.AddrPortFrom(farAddr, port))
				w.must(err)
				synctest.Wait()
				idle := runtime.NumGoroutine()
				f := w.flooder()
				for range 2000 {
					f.request(netip.AddrPortFrom(target, port))
				}
				synctest.Wait()
				s := w.gw.Stats().TCP
				if s.Opened != 1 || s.Overflow < 100 {
					t.Errorf("%+v", s)
				}
				if n := runtime.NumGoroutine() - idle; n > 200 {
					t.Errorf("%d goroutines more than before", n)
				}
				// At once, and not only when the flood's own are given up.
				after, err := w.dial(board, "tcp", netip.AddrPortFrom(farAddr, port))
				w.must(err)
				for _, c := range []io.ReadWriter{before, after} {
					c.Write([]byte("hello"))
					c.(*net.TCPConn).CloseWrite()
					if b, err := io.ReadAll(c); err != nil || string(b) != "hello" {
						t.Errorf("%q, %v", b, err)
					}
				}
			}, func(c *gateway.Config) { c.MaxConnections = 64 })
		})
	}
}
