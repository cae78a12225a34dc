package rtl8720dn_test

import (
	"bytes"
	"io"
	"testing"
	"testing/synctest"

	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/sim/rtl8720dn"
)

// exchange asserts what the chip answers to bytes.
func (m *mcu) exchange(what, request, want string) {
	m.tb.Helper()
	m.write(request)
	w := unhex(m.tb, want)
	if got := m.read(len(w), patience); !bytes.Equal(got, w) {
		m.tb.Fatalf("%s:\n got % X\nwant % X", what, got, w)
	}
}

func TestTheWorkedBytes(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		lc := net.ListenConfig{Device: w.board}
		l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:34653")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go func() {
			if conn, err := l.Accept(); err == nil {
				io.Copy(conn, conn)
				conn.Close()
			}
		}()
		w.exchange("init", "08 00 6A 50  00 01 0F 01 00 00 00 00", "0C 00 7B 2F  02 01 0F 01 00 00 00 00 00 00 00 00")
		w.exchange("version", "08 00 38 1A  00 01 01 01 04 00 00 00",
			"11 00 5D BE  02 01 01 01 04 00 00 00 05 00 00 00 32 2E 31 2E 33")
		w.exchange("socket", "14 00 D6 80  00 12 10 01 0A 00 00 00 02 00 00 00 01 00 00 00 06 00 00 00",
			"0C 00 E7 51  02 12 10 01 0A 00 00 00 00 00 00 00")
		w.write("24 00 5F 40  00 09 10 01 0B 00 00 00 00 00 00 00 10 00 00 00 00 02 87 5D 7F 00 00 01 00 00 00 00 00 00 00 00 10 00 00 00")
		if got, want := w.read(16, patience), unhex(t, "02 09 10 01 0B 00 00 00 00 00 00 00"); !bytes.Equal(got[4:], want) {
			t.Fatalf("connect: % X", got)
		}
		w.exchange("send", "1D 00 CA 07  00 0F 10 01 0C 00 00 00 00 00 00 00 09 00 00 00 68 65 6C 6C 6F 20 72 74 6C 08 00 00 00",
			"0C 00 E6 5C  02 0F 10 01 0C 00 00 00 09 00 00 00")
		synctest.Wait() // the receive does not wait for what comes back
		w.exchange("recv", "18 00 CD 3B  00 0C 10 01 0D 00 00 00 00 00 00 00 9C 05 00 00 08 00 00 00 00 00 00 00",
			"19 00 95 71  02 0C 10 01 0D 00 00 00 09 00 00 00 68 65 6C 6C 6F 20 72 74 6C 09 00 00 00")
		w.port.Write(request(lwip, 0x0C, 0x0E, 0, uint32(1436), 8, uint32(0)))
		w.exchange("no data", "", "11 00 20 F4  02 0C 10 01 0E 00 00 00 01 00 00 00 68 FF FF FF FF")
		w.exchange("close", "0C 00 16 EB  00 08 10 01 11 00 00 00 00 00 00 00",
			"0C 00 FC ED  02 08 10 01 11 00 00 00 00 00 00 00")
		w.clean()
	})
}
