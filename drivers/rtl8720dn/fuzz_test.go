package rtl8720dn

import (
	"net/netip"
	"testing"
	"testing/synctest"
)

// A firmware whose library has other numbers, or that makes more of a length than
// there is, brings no call down.
func FuzzReplies(f *testing.F) {
	f.Add([]byte{1, 0, 0, 0, 0x68, 0xFF, 0xFF, 0xFF, 0xFF}, uint8(0))
	f.Add([]byte{0xFF, 0xFF, 0xFF, 0xFF}, uint8(1))
	f.Add(make([]byte, 1100), uint8(2))
	f.Fuzz(func(t *testing.T, reply []byte, kind uint8) {
		if len(reply) > 1500 {
			t.Skip("longer than what is asked here")
		}
		synctest.Test(t, func(t *testing.T) { recite(t, reply, kind) })
	})
}

// recite calls the chip once, whose replies all bring the same.
func recite(t *testing.T, reply []byte, kind uint8) {
	p := &recital{text: reply}
	d := New(&Config{UART: p})
	defer d.Stop()
	c := d.chip
	c.booted = true
	c.fds[1] = isOpen
	buf := make([]byte, 1000)
	var n int
	var err error
	switch kind % 9 {
	case 0:
		n, err = c.Recv(1, buf)
	case 1:
		n, _, err = c.RecvFrom(1, buf)
	case 2:
		n, err = c.Send(1, buf)
	case 3:
		_, _, err = c.Accept(1)
	case 4:
		err = c.Connected(1)
	case 5:
		_, err = d.radio.scanned()
	case 6:
		_, err = d.radio.readMAC()
	case 7:
		d.radio.readAddress()
	case 8:
		err = c.Connect(1, 5, netip.MustParseAddrPort("10.0.0.1:1"), "")
	}
	if n < 0 || n > len(buf) || n > 0 && err != nil {
		t.Fatalf("%d bytes, and %v", n, err)
	}
}
