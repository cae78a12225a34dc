package espat_test

import (
	"testing"
	"testing/synctest"
	"time"
)

// Data that arrives while the module still gives what it had before is announced
// inside of that reply, or inside of the one that there is nothing.
func TestDataThatArrivesDuringAReadIsNotWaitedFor(t *testing.T) {
	for _, first := range []string{"one", ""} {
		synctest.Test(t, func(t *testing.T) {
			m := newModule()
			dev := connected(t, m)
			fd := dialled(t, dev)
			once := true
			m.do(func() {
				m.on["AT+CIPRECVDATA=4"] = func(string) string {
					if !once {
						return ""
					}
					once = false
					m.links[4].in = []byte("two")
					if first == "" {
						return "\r\n+IPD,4,3\r\n" + wrong
					}
					return `+CIPRECVDATA:3,"10.0.0.2",80,one` + "\r\n+IPD,4,3\r\n" + ok
				}
			})
			begin := time.Now()
			m.do(func() { m.out.WriteString("\r\n+IPD,4,3\r\n") })
			b := make([]byte, 9)
			for _, want := range []string{first, "two"} {
				if want == "" {
					continue
				}
				if n, err := dev.Recv(fd, b, 0, never); string(b[:n]) != want || err != nil {
					t.Errorf("Recv = %q, %v, want %q", b[:n], err, want)
				}
			}
			if d := time.Since(begin); d > time.Second {
				t.Errorf("%q: it took %v", first, d)
			}
		})
	}
}

func TestAClientThatTakesTheLinkThatIsBeingClosedIsAccepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := connected(t, m)
		lfd, fd := accepted(t, m, dev)
		m.do(func() {
			m.on["AT+CIPCLOSE=0"] = func(string) string {
				m.links[0] = &fakeLink{kind: `"TCP"`, peer: `"10.0.0.9",999`, local: 80, came: 1}
				return "0,CLOSED\r\n" + ok + "0,CONNECT\r\n"
			}
		})
		begin := time.Now()
		if err := dev.Close(fd); err != nil {
			t.Fatal(err)
		}
		if _, a, err := dev.Accept(lfd); err != nil || a.Port() != 999 {
			t.Errorf("Accept = %v, %v", a, err)
		}
		if d := time.Since(begin); d > time.Second {
			t.Errorf("it took %v", d)
		}
	})
}

// The same, with the announcement inside of the reply.
func TestAClientThatIsAnnouncedWhileItsLinkIsBeingClosedIsAccepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := connected(t, m)
		lfd, fd := accepted(t, m, dev)
		m.do(func() {
			m.on["AT+CIPCLOSE=0"] = func(string) string {
				m.links[0] = &fakeLink{kind: `"TCP"`, peer: `"10.0.0.9",999`, local: 80, came: 1}
				return "0,CLOSED\r\n0,CONNECT\r\n" + ok
			}
		})
		begin := time.Now()
		if err := dev.Close(fd); err != nil {
			t.Fatal(err)
		}
		if _, a, err := dev.Accept(lfd); err != nil || a.Port() != 999 {
			t.Errorf("Accept = %v, %v", a, err)
		}
		if d := time.Since(begin); d > time.Second {
			t.Errorf("it took %v", d)
		}
	})
}

// A client may take the link that is about to be used: that is no answer of the
// host that is called.
func TestALinkThatAClientTakesFirstIsNoRefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := connected(t, m)
		lfd := listening(t, dev, 80)
		once := true
		m.do(func() {
			m.on["AT+CIPSTART=4"] = func(string) string {
				if !once {
					return ""
				}
				once = false
				m.links[4] = &fakeLink{kind: `"TCP"`, peer: `"10.0.0.9",999`, local: 80, came: 1}
				return "4,CONNECT\r\nALREADY CONNECTED\r\n" + wrong
			}
		})
		dialled(t, dev)
		if _, a, err := dev.Accept(lfd); err != nil || a.Port() != 999 {
			t.Errorf("Accept = %v, %v", a, err)
		}
	})
}
