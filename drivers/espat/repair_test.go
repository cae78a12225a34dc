package espat_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/espat"
	"github.com/netdev-go/netdev/netlink"
)

// The bytes of a command meet a fault on their way to the module.
func TestACommandThatMetAFaultIsSentAgain(t *testing.T) {
	const command = "AT+CIPRECVDATA=4,1024\r\n"
	for i := range len(command) {
		for kind, f := range map[string]func(b []byte) []byte{
			"lost":    func(b []byte) []byte { return append(b[:i:i], b[i+1:]...) },
			"doubled": func(b []byte) []byte { return append(b[:i+1:i+1], b[i:]...) },
			"flipped": func(b []byte) []byte { return append(append(b[:i:i], b[i]^0x40), b[i+1:]...) },
		} {
			synctest.Test(t, func(t *testing.T) {
				m := newModule()
				dev := connected(t, m)
				fd := dialled(t, dev)
				once := true
				m.do(func() {
					m.spoil = func(b []byte) []byte {
						if once && string(b) == command {
							once = false
							return f(b)
						}
						return b
					}
				})
				m.arrive(4, "data")
				b := make([]byte, 2000)
				n, err := dev.Recv(fd, b[:1024], 0, time.Now().Add(20*time.Second))
				if string(b[:n]) != "data" && err == nil {
					t.Errorf("byte %d %s: Recv = %q, %v", i, kind, b[:n], err)
				}
				if once {
					t.Fatal("no fault was made")
				}
			})
		}
	}
}

func TestDataOfAnotherLinkIsNotTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := connected(t, m)
		fd := dialled(t, dev)
		other, err := dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
		if err == nil {
			err = dev.Connect(other, "", peer2)
		}
		if err != nil {
			t.Fatal(err)
		}
		m.do(func() {
			m.links[3].in = []byte("for the other")
			m.spoil = func(b []byte) []byte {
				return []byte(strings.Replace(string(b), "CIPRECVDATA=4", "CIPRECVDATA=3", 1))
			}
		})
		m.arrive(4, "for this one")
		b := make([]byte, 99)
		if n, err := dev.Recv(fd, b, 0, never); n > 0 || !errors.Is(err, netdev.ErrConnReset) {
			t.Errorf("Recv = %q, %v", b[:n], err)
		}
		if n, err := dev.Recv(other, b, 0, never); n > 0 || !errors.Is(err, netdev.ErrConnReset) {
			t.Errorf("Recv of the other, whose data is lost, = %q, %v", b[:n], err)
		}
	})
}

func TestWhatWasAnnouncedDuringARepairIsFoundAfterIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := connected(t, m)
		fd, other := dialled(t, dev), dialled(t, dev)
		lfd := listening(t, dev, 80)
		m.do(func() {
			m.on["AT+CIPRECVDATA=4"] = func(string) string {
				m.links[3].in = []byte("for the other")
				m.links[0] = &fakeLink{kind: `"TCP"`, peer: `"10.0.0.9",999`, local: 80, came: 1}
				return "+CIPRECVD\x01TA:4,oh\r\n+IPD,3,13\r\n0,CONNECT\r\n" + ok
			}
		})
		begin := time.Now()
		m.arrive(4, "data")
		b := make([]byte, 99)
		if _, err := dev.Recv(fd, b, 0, never); !errors.Is(err, netdev.ErrConnReset) {
			t.Errorf("Recv = %v", err)
		}
		if n, err := dev.Recv(other, b, 0, never); string(b[:n]) != "for the other" || err != nil {
			t.Errorf("Recv of the other = %q, %v", b[:n], err)
		}
		if _, a, err := dev.Accept(lfd); err != nil || a.Port() != 999 {
			t.Errorf("Accept = %v, %v", a, err)
		}
		if d := time.Since(begin); d > time.Second {
			t.Errorf("all that took %v", d)
		}
	})
}

func TestOneWrongListOfLinksEndsNoConnection(t *testing.T) {
	for _, wrongly := range []string{"", "+CIPSTATE:3,\"TCP\",\"10.0.0.2\",80,50004,0\r\n", "+CIPSTATE:4,\"TCP\",\"10.0.0.3\",80,50004,0\r\n"} {
		synctest.Test(t, func(t *testing.T) {
			m := newModule()
			dev := connected(t, m)
			fd := dialled(t, dev)
			once := true
			m.do(func() {
				m.on["AT+CIPSTATE?"] = func(string) string {
					if !once {
						return ""
					}
					once = false
					return wrongly + ok
				}
				m.out.WriteString("3,CLOSED\r\n")
			})
			synctest.Wait()
			m.arrive(4, "still here")
			b := make([]byte, 99)
			if n, err := dev.Recv(fd, b, 0, never); string(b[:n]) != "still here" || err != nil || once {
				t.Errorf("Recv = %q, %v", b[:n], err)
			}
		})
	}
}

func TestPayloadThatMetAFaultEndsTheConnection(t *testing.T) {
	spoilPayload(t, 0)
}

// Later on a connection's payload goes out by another command.
func TestLaterPayloadThatMetAFaultEndsTheConnection(t *testing.T) {
	spoilPayload(t, 5000)
}

func spoilPayload(t *testing.T, before int) {
	const payload = "payload for the peer"
	for i := range len(payload) {
		for kind, f := range map[string]func(b []byte) []byte{
			"lost":    func(b []byte) []byte { return append(b[:i:i], b[i+1:]...) },
			"doubled": func(b []byte) []byte { return append(b[:i+1:i+1], b[i:]...) },
		} {
			synctest.Test(t, func(t *testing.T) {
				m := newModule()
				dev := connected(t, m)
				fd := dialled(t, dev)
				if _, err := dev.Send(fd, make([]byte, before), 0, never); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				once := true
				m.do(func() {
					m.spoil = func(b []byte) []byte {
						if once && string(b) == payload {
							once = false
							return f(b)
						}
						return b
					}
				})
				if _, err := dev.Send(fd, []byte(payload), 0, never); err != nil {
					t.Fatal(err)
				}
				// The next thing that is asked tells of a byte too many.
				time.Sleep(10 * time.Second)
				dev.RSSI()
				_, err := dev.Recv(fd, make([]byte, 9), 0, never)
				if !errors.Is(err, netdev.ErrConnReset) {
					t.Errorf("byte %d %s: Recv = %v, want ErrConnReset", i, kind, err)
				}
				dev.Close(fd)
				synctest.Wait()
				for _, c := range m.heard("") {
					if !strings.HasPrefix(c, "AT") && !strings.HasPrefix(c, "+++AT") && !strings.HasPrefix(c[1:], "AT") {
						t.Errorf("byte %d %s: the module heard %q", i, kind, c)
					}
				}
				dialled(t, dev)
			})
		}
	}
}

func TestAPeerThatTakesNothingHoldsUpOnlyItsOwnSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := connected(t, m)
		fd := dialled(t, dev)
		room := 7000
		m.do(func() {
			m.take = func(n int) int {
				n = min(n, room)
				room -= n
				return n
			}
		})
		payload := make([]byte, 20000)
		for i := range payload {
			payload[i] = byte(i % 251)
		}
		sent := make(chan error)
		go func() {
			n, err := dev.Send(fd, payload, 0, never)
			if n != len(payload) && err == nil {
				err = fmt.Errorf("only %d", n)
			}
			sent <- err
		}()
		time.Sleep(5 * time.Second)
		m.do(func() {
			if got := m.links[4].got.Len(); got != 7000 {
				t.Errorf("the peer got %d bytes", got)
			}
			if n := len(m.commands); n > 150 {
				t.Errorf("%d commands for a peer that takes nothing", n)
			}
			m.take = nil
		})
		if err := <-sent; err != nil {
			t.Fatal(err)
		}
		var l *fakeLink
		m.do(func() { l = m.links[4] })
		dev.Close(fd)
		var got string
		synctest.Wait()
		m.do(func() { got = l.got.String() })
		if got != string(payload) {
			t.Errorf("the peer got %d bytes, which are not those that were sent", len(got))
		}
	})
}

func TestAModuleThatBeginsAnewIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := espat.New(&espat.Config{UART: m, Timeout: 4 * time.Second})
		t.Cleanup(func() { dev.Stop() })
		events := make(chan netlink.Event, 9)
		dev.NetNotify(func(e netlink.Event) { events <- e })
		join(t, dev, time.Second)
		<-events
		fd := dialled(t, dev)
		m.do(func() {
			m.reply("AT+RST")
			m.out.WriteString("\r\nready\r\n")
		})
		if _, err := dev.Recv(fd, make([]byte, 1), 0, never); !errors.Is(err, netdev.ErrNetDown) && !errors.Is(err, netdev.ErrConnReset) {
			t.Errorf("Recv = %v, want ErrNetDown or ErrConnReset", err)
		}
		if e := <-events; e != netlink.EventNetDown {
			t.Errorf("told %v", e)
		}
		if e := <-events; e != netlink.EventNetUp {
			t.Errorf("told %v", e)
		}
		dialled(t, dev)
	})
}

func TestASilentModuleIsReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		resets := 0
		silent := false
		reset := func(high bool) {
			if high {
				m.do(func() {
					resets++
					silent = false
					m.out.WriteString(strings.TrimPrefix(m.reply("AT+RST"), ok))
				})
			}
		}
		dev := espat.New(&espat.Config{UART: m, Timeout: 4 * time.Second, Reset: reset})
		t.Cleanup(func() { dev.Stop() })
		join(t, dev, time.Second)
		wantResets := func(want int) {
			t.Helper()
			m.do(func() {
				if resets != want {
					t.Errorf("%d resets, want %d", resets, want)
				}
			})
		}
		wantResets(1)
		fd := dialled(t, dev)
		m.do(func() {
			silent = true
			m.spoil = func(b []byte) []byte {
				if silent {
					return nil
				}
				return b
			}
		})
		begin := time.Now()
		dev.Send(fd, []byte("x"), 0, never)
		if _, err := dev.Recv(fd, make([]byte, 1), 0, never); !errors.Is(err, netdev.ErrNetDown) && !errors.Is(err, netdev.ErrConnReset) {
			t.Errorf("Recv = %v, want ErrNetDown or ErrConnReset", err)
		}
		if d := time.Since(begin); d > 10*time.Second {
			t.Errorf("after %v", d)
		}
		time.Sleep(5 * time.Second)
		wantResets(2)
		dialled(t, dev)
	})
}

func TestOlderFirmware(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		for _, c := range []string{"AT+CIPRECVTYPE", "AT+CIPSENDL", "AT+TRANSINTVL", "AT+CWRECONNCFG", "AT+CIPTCPOPT", "AT+CIPSERVER?"} {
			m.on[c] = func(string) string { return "ERR CODE:0x01090000\r\n" + wrong }
		}
		m.on["AT+CWMODE=1,0"] = func(string) string { return "ERR CODE:0x01060000\r\n" + wrong }
		for _, c := range []string{"AT+CWJAP=", "AT+CIPSTART=", "AT+CIPDOMAIN="} {
			m.on[c] = func(args string) string {
				switch n := strings.Count(args, ","); {
				case c == "AT+CWJAP=" && n > 1, c == "AT+CIPSTART=" && n > 3, c == "AT+CIPDOMAIN=" && n > 0:
					return "ERR CODE:0x01060000\r\n" + wrong
				case c == "AT+CIPDOMAIN=":
					return "+CIPDOMAIN:10.0.0.2\r\n" + ok
				}
				return ""
			}
		}
		dev := espat.New(&espat.Config{UART: m, Timeout: 4 * time.Second})
		t.Cleanup(func() { dev.Stop() })
		if err := dev.NetConnect(&netlink.ConnectParams{Ssid: "net", Passphrase: "password"}); err != nil {
			t.Fatal(err)
		}
		if a, err := dev.GetHostByName("example.com"); err != nil || a.String() != "10.0.0.2" {
			t.Errorf("GetHostByName = %v, %v", a, err)
		}
		fd := dialled(t, dev)
		if n, err := dev.Send(fd, []byte("hello"), 0, never); n != 5 || err != nil {
			t.Fatal(n, err)
		}
		m.arrive(4, "world")
		b := make([]byte, 9)
		if n, err := dev.Recv(fd, b, 0, never); string(b[:n]) != "world" || err != nil {
			t.Errorf("Recv = %q, %v", b[:n], err)
		}
		listening(t, dev, 80)
	})
}

func TestAPortThatFailsEndsEverythingAndIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := connected(t, m)
		fd := dialled(t, dev)
		m.do(func() { m.failed = errors.New("unplugged") })
		if _, err := dev.Recv(fd, make([]byte, 1), 0, never); !errors.Is(err, netdev.ErrNetDown) && !errors.Is(err, netdev.ErrConnReset) {
			t.Errorf("Recv = %v", err)
		}
		dev.Close(fd)
		m.do(func() { m.looks = 0 })
		time.Sleep(10 * time.Second)
		m.do(func() {
			if m.looks > 1000 {
				t.Errorf("the port was looked at %d times in 10 seconds", m.looks)
			}
		})
		if err := dev.NetConnect(&netlink.ConnectParams{Ssid: "net", Passphrase: "password", Retries: 1}); err == nil {
			t.Error("NetConnect = nil")
		}
		m.do(func() { m.failed = nil })
		join(t, dev, 0)
	})
}

func TestOlderFirmwareKeepsTheFirstDatagramApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		m.on["AT+CIPRECVTYPE=5,1,1"] = func(string) string { return "ERR CODE:0x01060000\r\n" + wrong }
		dev := connected(t, m)
		fd, err := dev.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)
		if err == nil {
			err = dev.Bind(fd, netip.AddrPortFrom(netip.IPv4Unspecified(), 5353))
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := m.heard("AT+CIPSTART"); len(got) != 1 || got[0] != `AT+CIPSTART=4,"UDP","0.0.0.0",5353,5353,2` {
			t.Errorf("sent %q", got)
		}
		m.do(func() {
			m.links[4].peer = `"10.0.0.9",99`
			m.links[4].in = []byte("firstsecond")
			m.out.WriteString("\r\n+IPD,4,5\r\n") // the other has come since
		})
		for _, want := range []string{"first", "second"} {
			b := make([]byte, 100)
			n, from, err := dev.RecvFrom(fd, b, 0, never)
			if string(b[:n]) != want || from.String() != "10.0.0.9:99" || err != nil {
				t.Errorf("RecvFrom = %q of %v, %v", b[:n], from, err)
			}
		}
	})
}
