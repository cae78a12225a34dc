package pump

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
)

// deaf is a device whose calls end at their deadlines alone: Close wakes
// nobody, and no peer ever reads.
type deaf struct {
	netdev.Netdever
	closed chan int
}

func (d deaf) Socket(_, _, _ int) (int, error)             { return 3, nil }
func (d deaf) Bind(int, netip.AddrPort) error              { return nil }
func (d deaf) Addr() (netip.Addr, error)                   { return netip.IPv4Unspecified(), nil }
func (d deaf) Connect(int, string, netip.AddrPort) error   { return nil }
func (d deaf) SetSockOpt(int, int, int, interface{}) error { return nil }
func (d deaf) Close(fd int) error                          { d.closed <- fd; return nil }
func (d deaf) Send(_ int, _ []byte, _ int, until time.Time) (int, error) {
	time.Sleep(time.Until(until))
	return 0, netdev.ErrTimeout
}
func (d deaf) Recv(_ int, _ []byte, _ int, until time.Time) (int, error) {
	time.Sleep(time.Until(until))
	return 0, netdev.ErrTimeout
}

// The bubble ends only when every goroutine has.
func TestCloseOnADeviceThatWakesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dev := deaf{closed: make(chan int, 1)}
		d := device(t, dev)
		fd := open(t, d, netdev.SOCK_STREAM)
		addr := netip.MustParseAddrPort("192.0.2.1:80")
		d.Connect(fd, "", addr)
		synctest.Wait()
		if err := d.Connect(fd, "", addr); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Recv(fd, make([]byte, 1), 0, time.Time{}); err != netdev.ErrWouldBlock {
			t.Fatalf("Recv = %v", err)
		}
		sum := 0
		for {
			n, err := d.Send(fd, make([]byte, 1000), 0, time.Time{})
			sum += n
			if err == netdev.ErrWouldBlock {
				break
			}
		}
		if sum != streamBuffer {
			t.Errorf("%d bytes were taken, the bound is %d", sum, streamBuffer)
		}
		began := time.Now()
		d.Close(fd)
		if took := time.Since(began); took != flushWait {
			t.Errorf("Close took %v, want %v", took, flushWait)
		}
		if got := <-dev.closed; got != fd {
			t.Errorf("closed %d", got)
		}
		if took := time.Since(began); took < flushLimit || took > flushLimit+2*slice {
			t.Errorf("the device's socket was closed after %v, want %v", took, flushLimit)
		}
	})
}
