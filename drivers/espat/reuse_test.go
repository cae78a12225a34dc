package espat_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/espat"
)

// accepted returns a listener, and a connection of it that has link 0.
func accepted(t *testing.T, m *module, dev *espat.Device) (lfd, fd int) {
	t.Helper()
	lfd = listening(t, dev, 80)
	m.do(func() {
		m.links[0] = &fakeLink{kind: `"TCP"`, peer: `"10.0.0.8",888`, local: 80, came: 1}
		m.out.WriteString("0,CONNECT\r\n")
	})
	fd, _, err := dev.Accept(lfd)
	if err != nil {
		t.Fatal(err)
	}
	return lfd, fd
}

// replaced has the peer of link 0 close it, and a stranger have it at once, while
// a command is on its way.
func (m *module) replaced(in string) {
	m.links[0] = &fakeLink{kind: `"TCP"`, peer: `"10.0.0.9",999`, local: 80, came: 1, in: []byte(in)}
	m.out.WriteString("0,CLOSED\r\n0,CONNECT\r\n")
	if in != "" {
		m.out.WriteString("\r\n+IPD,0,8\r\n")
	}
}

func TestWhatIsSentNeverGoesToTheNextClientOfItsLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := connected(t, m)
		lfd, fd := accepted(t, m, dev)
		once := true
		m.do(func() {
			m.on["AT+CIPSEND=0"] = func(string) string {
				if once {
					once = false
					m.replaced("")
				}
				return ""
			}
		})
		if _, err := dev.Send(fd, []byte("a secret"), 0, never); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		m.do(func() {
			if got := m.links[0].got.String(); got != "" || once {
				t.Errorf("the stranger got %q", got)
			}
		})
		if _, err := dev.Send(fd, []byte("more"), 0, never); !errors.Is(err, netdev.ErrBrokenPipe) {
			t.Errorf("Send to who has gone = %v", err)
		}
		next, a, err := dev.Accept(lfd)
		if err != nil || a.Port() != 999 {
			t.Fatal(a, err)
		}
		m.arrive(0, "hello")
		b := make([]byte, 9)
		if n, err := dev.Recv(next, b, 0, never); string(b[:n]) != "hello" || err != nil {
			t.Errorf("Recv of the next = %q, %v", b[:n], err)
		}
	})
}

func TestAClientWhoseDataWentToAnotherIsNotAccepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := connected(t, m)
		lfd, fd := accepted(t, m, dev)
		once := true
		m.do(func() {
			m.on["AT+CIPRECVDATA=0"] = func(string) string {
				if once {
					once = false
					m.replaced("first.")
				}
				return ""
			}
		})
		m.arrive(0, "for the old one")
		b := make([]byte, 99)
		if n, err := dev.Recv(fd, b, 0, never); err == nil {
			t.Errorf("Recv of who has gone = %q", b[:n])
		}
		dev.SetNonblock(lfd, true)
		for range 2 {
			if next, _, err := dev.Accept(lfd); err == nil {
				m.arrive(0, "second.")
				n, err := dev.Recv(next, b, 0, time.Now().Add(9*time.Second))
				t.Errorf("Accept; Recv = %q, %v", b[:n], err)
			}
			time.Sleep(time.Second)
		}
		m.do(func() {
			if m.links[0] != nil || once {
				t.Error("the connection that has lost bytes stays open")
			}
		})
	})
}

func TestClosingWhoHasGoneLeavesTheNextClientThatIsKnownAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := connected(t, m)
		lfd, fd := accepted(t, m, dev)
		m.do(func() { m.replaced("") })
		synctest.Wait()
		if err := dev.Close(fd); err != nil {
			t.Fatal(err)
		}
		next, a, err := dev.Accept(lfd)
		if err != nil || a.Port() != 999 {
			t.Fatal(a, err)
		}
		m.arrive(0, "hello")
		b := make([]byte, 9)
		if n, err := dev.Recv(next, b, 0, never); string(b[:n]) != "hello" || err != nil {
			t.Errorf("Recv = %q, %v", b[:n], err)
		}
		if n := len(m.heard("AT+CIPCLOSE=0")); n != 0 {
			t.Errorf("the stranger's link was closed")
		}
	})
}
