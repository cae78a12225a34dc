//go:build !tinygo

package host_test

import (
	"errors"
	"os"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
)

func TestPastDeadlineFailsAtOnce(t *testing.T) {
	d := host.New()
	fd, c := pair(t, d)
	c.Write([]byte("ready"))
	udp, addr := bound(t, d)
	past := time.Now().Add(-time.Hour)
	buf := make([]byte, 8)
	calls := map[string]func() (int, error){
		"Recv":     func() (int, error) { return d.Recv(fd, buf, 0, past) },
		"Send":     func() (int, error) { return d.Send(fd, buf, 0, past) },
		"SendTo":   func() (int, error) { return d.SendTo(udp, buf, 0, addr, past) },
		"RecvFrom": func() (int, error) { n, _, err := d.RecvFrom(udp, buf, 0, past); return n, err },
		"DONTWAIT": func() (int, error) { return d.Recv(fd, buf, netdev.MSG_DONTWAIT, past) },
	}
	for name, call := range calls {
		n, err := call()
		if n != 0 || !errors.Is(err, netdev.ErrTimeout) || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s = %d, %v, want 0, ErrTimeout", name, n, err)
		}
	}
}

func TestDeadlineBelongsToItsCall(t *testing.T) {
	d := host.New()
	fd, c := pair(t, d)
	begin := time.Now()
	long := start(func() (int, error) { return d.Recv(fd, make([]byte, 1), 0, soon()) })
	asleep(t, d, fd, 1)
	short := start(func() (int, error) {
		return d.Recv(fd, make([]byte, 1), 0, begin.Add(30*time.Millisecond))
	})
	if r := wait(t, "short Recv", short); r.err != netdev.ErrTimeout {
		t.Errorf("short Recv = %d, %v", r.n, r.err)
	}
	if took := time.Since(begin); took < 30*time.Millisecond {
		t.Errorf("short Recv ended after %v", took)
	}
	if host.Asleep(d, fd) != 1 {
		t.Error("the long Recv does not wait any more")
	}
	c.Write([]byte("x"))
	if r := wait(t, "long Recv", long); r.n != 1 || r.err != nil {
		t.Errorf("long Recv = %d, %v", r.n, r.err)
	}
}

func TestDeadlineWhileSendMakesProgress(t *testing.T) {
	d := host.New()
	fd, c := pair(t, d)
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		buf := make([]byte, 1<<16)
		for {
			if _, err := c.Read(buf); err != nil {
				return
			}
		}
	}()
	// The reader keeps up, so that Send may never find the socket full.
	big := make([]byte, 1<<30)
	begin := time.Now()
	n, err := d.Send(fd, big, 0, begin.Add(20*time.Millisecond))
	if err == nil && n == len(big) {
		t.Skipf("1 GiB went through in %v", time.Since(begin))
	}
	if err != netdev.ErrTimeout || time.Since(begin) > 5*time.Second {
		t.Errorf("Send = %d, %v after %v", n, err, time.Since(begin))
	}
}
