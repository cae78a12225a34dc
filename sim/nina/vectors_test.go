package nina_test

import (
	"bytes"
	"context"
	"io"
	stdnet "net"
	"net/netip"
	"testing"
	"testing/synctest"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/sim/nina"
)

// These are the bytes that CHIPS.md has from the vendor's firmware.

func TestWorkedBytesOfJoining(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.vector("E0 37 00 EE", "E0 B7 01 06 32 2E 30 2E 30 00 EE 00")
		// The firmware does not say 1 here.
		w.vector("E0 14 04 01 00 04 0A000005 04 0A000001 04 FFFFFF00 EE FFFF", "E0 94 01 01 00 EE 00 00")
		w.vector("E0 11 02 07 74 65 73 74 6E 65 74 08 70 61 73 73 77 6F 72 64 EE FF FF FF", "E0 91 01 01 01 EE 00 00")
		w.until("connected", func() bool { return w.byteOf(0x20) == 3 })
		w.vector("E0 21 01 01 FF EE FF FF", "E0 A1 03 04 0A 00 00 05 04 FF FF FF 00 04 0A 00 00 01 EE 00")
		w.vector("E0 22 01 01 FF EE FF FF", "E0 A2 01 06 56 34 12 C4 0A 24 EE 00")
		w.noAbuse()
	})
}

// shout listens at an address of a device's, and answers in capital letters.
func shout(t *testing.T, dev netdev.Netdever, address string) {
	t.Helper()
	l := listen(t, dev, address)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				b := make([]byte, 2000)
				for {
					n, err := c.Read(b)
					if err != nil {
						return
					}
					c.Write(bytes.ToUpper(b[:n]))
				}
			}()
		}
	}()
}

func listen(t *testing.T, dev netdev.Netdever, address string) stdnet.Listener {
	t.Helper()
	lc := net.ListenConfig{Device: dev}
	l, err := lc.Listen(context.Background(), "tcp", address)
	must(t, err)
	t.Cleanup(func() { l.Close() })
	return l
}

func dial(t *testing.T, dev netdev.Netdever, address string) stdnet.Conn {
	t.Helper()
	d := net.Dialer{Device: dev}
	c, err := d.DialContext(context.Background(), "tcp", address)
	must(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}

func TestWorkedBytesOfBSDSockets(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		shout(t, w.board, "127.0.0.1:36311")
		w.vector("E0 70 02 01 01 01 06 EE", "E0 F0 01 01 36 EE 00 00")
		w.vector("E0 76 03 01 36 04 7F 00 00 01 02 8D D7 EE FF FF", "E0 F6 01 01 01 EE 00 00")
		w.vector("E0 7B 03 01 36 04 7E 66 04 80 04 01 00 00 00 EE", "E0 FB 01 04 01 00 00 00 EE 00 00 00")
		w.vector("E0 78 02 01 36 02 40 00 EE FF FF FF", "E0 F8 01 00 00 EE 00 00")
		w.vector("E0 72 00 EE", "E0 F2 01 01 0B EE 00 00")
		w.vector("E0 77 02 00 01 36 00 09 62 73 64 20 68 65 6C 6C 6F EE FF FF", "E0 F7 01 02 00 09 EE 00")
		synctest.Wait()
		w.vector("E0 78 02 01 36 02 40 00 EE FF FF FF", "E0 F8 01 00 09 42 53 44 20 48 45 4C 4C 4F EE 00")
		w.vector("E0 7F 01 01 36 EE FF FF", "E0 FF 03 01 01 04 7F 00 00 01 02 D7 8D EE 00 00")
		w.noAbuse()
	})
}

func TestWorkedBytesOfLegacySockets(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		shout(t, w.board, "127.0.0.1:36311")
		w.vector("E0 3F 00 EE", "E0 BF 01 01 00 EE 00 00")
		w.vector("E0 2D 04 04 7F 00 00 01 02 8D D7 01 00 01 00 EE", "E0 AD 01 01 01 EE 00 00")
		w.vector("E0 44 02 00 01 00 00 0A 68 65 6C 6C 6F 20 6E 69 6E 61 EE FF", "E0 C4 01 02 0A 00 EE 00")
		synctest.Wait()
		w.vector("E0 2B 01 01 00 EE FF FF", "E0 AB 01 02 0A 00 EE 00")
		w.vector("E0 45 02 00 01 00 00 02 64 00 EE FF", "E0 C5 01 00 0A 48 45 4C 4C 4F 20 4E 49 4E 41 EE")
		w.vector("E0 3A 01 01 00 EE FF FF", "E0 BA 02 04 7F 00 00 01 02 8D D7 EE")
		w.vector("E0 2E 01 01 00 EE FF FF", "E0 AE 01 01 01 EE 00 00")
		// Nobody listens at the next port.
		w.vector("E0 2D 04 04 7F 00 00 01 02 8D D8 01 00 01 00 EE", "E0 AD 00 EE")
		w.noAbuse()
	})
}

func TestWorkedBytesOfErrors(t *testing.T) {
	inWorld(t, nina.Config{}, func(t *testing.T, w *world) {
		w.vector("E0 55 00 EE", "EF 00 EE 00")
		w.vector("E0 70 02 01 01 01 06 EE", "E0 F0 01 01 36 EE 00 00")
		w.vector("E0 76 03 01 36 04 7F 00 00 01 02 8D D7 EE FF FF", "E0 F6 01 01 00 EE 00 00")
		w.vector("E0 72 00 EE", "E0 F2 01 01 6F EE 00 00")
		w.noAbuse()
	})
}

// fin reads to the end of a connection.
func fin(t *testing.T, c stdnet.Conn) string {
	t.Helper()
	b, err := io.ReadAll(c)
	must(t, err)
	return string(b)
}

func listenPacket(t *testing.T, dev netdev.Netdever, address string) stdnet.PacketConn {
	t.Helper()
	lc := net.ListenConfig{Device: dev}
	c, err := lc.ListenPacket(context.Background(), "udp", address)
	must(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}

func writeTo(c stdnet.PacketConn, text string, to netip.AddrPort) error {
	_, err := c.WriteTo([]byte(text), stdnet.UDPAddrFromAddrPort(to))
	return err
}

func mustAddrPort(t *testing.T, s string) netip.AddrPort {
	t.Helper()
	a, err := netip.ParseAddrPort(s)
	must(t, err)
	return a
}
