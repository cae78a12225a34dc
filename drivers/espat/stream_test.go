package espat_test

import (
	"io"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/espat"
)

var (
	peer  = netip.MustParseAddrPort("10.0.0.2:80")
	peer2 = netip.MustParseAddrPort("10.0.0.3:81")
	never time.Time
)

// dialled returns a connected stream, which has link 4 of a fresh module.
func dialled(t testing.TB, dev *espat.Device) int {
	t.Helper()
	fd, err := dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, netdev.IPPROTO_TCP)
	if err != nil {
		t.Fatal(err)
	}
	if err := dev.Connect(fd, "", peer); err != nil {
		t.Fatal("Connect: ", err)
	}
	return fd
}

func TestAConversation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := connected(t, m)
		if a, err := dev.Addr(); err != nil || a.String() != "10.0.0.7" {
			t.Errorf("Addr = %v, %v", a, err)
		}
		fd := dialled(t, dev)
		if a, err := dev.GetSockName(fd); err != nil || a.String() != "10.0.0.7:50004" {
			t.Errorf("GetSockName = %v, %v", a, err)
		}
		if n, err := dev.Send(fd, []byte("hello"), 0, never); n != 5 || err != nil {
			t.Fatal(n, err)
		}
		synctest.Wait()
		m.do(func() {
			if got := m.links[4].got.String(); got != "hello" {
				t.Errorf("the peer got %q", got)
			}
		})
		m.arrive(4, "world")
		b := make([]byte, 9)
		if n, err := dev.Recv(fd, b, 0, never); string(b[:n]) != "world" || err != nil {
			t.Errorf("Recv = %q, %v", b[:n], err)
		}
		m.do(func() {
			m.links[4] = nil
			m.out.WriteString("4,CLOSED\r\n")
		})
		if n, err := dev.Recv(fd, b, 0, never); n != 0 || err != io.EOF {
			t.Errorf("Recv = %d, %v, want EOF", n, err)
		}
		if err := dev.Close(fd); err != nil {
			t.Error(err)
		}
	})
}
