package espat_test

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/espat"
	"github.com/netdev-go/netdev/netlink"
)

// Whatever byte of a reply is lost or doubled, nothing that the peer did not send
// is received. (A byte lost beside one that is doubled is beyond any driver.)
func TestDefect01_LostBytesAreNeverReplacedByOldOnes(t *testing.T) {
	const first, second = "FIRST MESSAGE, LONGER THAN THE OTHER", "second message"
	reply := fmt.Sprintf("+CIPRECVDATA:%d,\"10.0.0.2\",80,%s\r\nOK\r\n", len(second), second)
	for i := range reply {
		for kind, spoilt := range map[string]string{
			"lost":     reply[:i] + reply[i+1:],
			"doubled":  reply[:i+1] + reply[i:],
			"cut off":  reply[:i],
			"both off": reply[:i] + reply[min(len(reply), i+5):],
		} {
			synctest.Test(t, func(t *testing.T) {
				m := newModule()
				dev := connected(t, m)
				fd := dialled(t, dev)
				b := make([]byte, 100)
				m.arrive(4, first)
				if n, err := dev.Recv(fd, b, 0, never); string(b[:n]) != first || err != nil {
					t.Fatalf("Recv = %q, %v", b[:n], err)
				}
				spoil := true
				m.do(func() {
					m.on["AT+CIPRECVDATA="] = func(string) string {
						if !spoil {
							return ""
						}
						spoil = false
						m.links[4].in = nil
						return spoilt
					}
				})
				m.arrive(4, second)
				n, err := dev.Recv(fd, b, 0, time.Now().Add(20*time.Second))
				if n > 0 && string(b[:n]) != second || n == 0 && err == nil || err == io.EOF {
					t.Errorf("byte %d %s: Recv = %q, %v", i, kind, b[:n], err)
				}
				dev.Close(fd)
				// The module is of use again.
				fd = dialled(t, dev)
				m.arrive(4, "again")
				if n, err := dev.Recv(fd, b, 0, never); string(b[:n]) != "again" || err != nil {
					t.Errorf("byte %d %s: afterwards Recv = %q, %v", i, kind, b[:n], err)
				}
				dev.Close(fd)
			})
		}
	}
}

func TestDefect02_MoreThanABufferIsNoPanic(t *testing.T) {
	for name, noise := range map[string]string{
		"one line":           strings.Repeat("x", 5047),
		"a line and its end": strings.Repeat("x", 5047) + "\r\n",
		"pushed data":        "\r\n+IPD,4,5047:" + strings.Repeat("\r\nOK\r\n", 841) + "O",
		"announcements":      strings.Repeat("\r\n+IPD,4,1\r\n", 500),
	} {
		synctest.Test(t, func(t *testing.T) {
			m := newModule()
			dev := connected(t, m)
			fd := dialled(t, dev)
			m.say(noise)
			synctest.Wait()
			m.say("\r\n")
			m.arrive(4, "real")
			b := make([]byte, 9)
			if n, err := dev.Recv(fd, b, 0, never); string(b[:n]) != "real" || err != nil {
				t.Errorf("%s: Recv = %q, %v", name, b[:n], err)
			}
		})
	}
}

func TestDefect03_EveryAnnouncementCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := connected(t, m)
		var fds []int
		for range 3 {
			fds = append(fds, dialled(t, dev))
		}
		m.do(func() {
			for link, data := range map[int]string{4: "four", 3: "three", 2: "two"} {
				m.links[link].in = []byte(data)
			}
			m.out.WriteString("\r\n+IPD,4,4\r\n\r\n+IPD,3,5\r\n\r\n+IPD,2,3\r\n")
		})
		for i, want := range []string{"four", "three", "two"} {
			b := make([]byte, 9)
			if n, err := dev.Recv(fds[i], b, 0, time.Now().Add(time.Second)); string(b[:n]) != want || err != nil {
				t.Errorf("Recv = %q, %v, want %q", b[:n], err, want)
			}
		}
	})
}

func TestDefect03_WordsInPayloadArePayload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := connected(t, m)
		fd := dialled(t, dev)
		payload := strings.Repeat("\r\nOK\r\n\r\nERROR\r\n+IPD,0,5:4,CLOSED\r\nready\r\n>SEND OK\r\nbusy p...\r\nWIFI DISCONNECT\r\n", 5)
		m.arrive(4, payload)
		got := make([]byte, len(payload))
		for at := 0; at < len(got); {
			n, err := dev.Recv(fd, got[at:], 0, never)
			if err != nil {
				t.Fatalf("after %d bytes: %v", at, err)
			}
			at += n
		}
		if string(got) != payload {
			t.Errorf("received %q", got)
		}
		if n, err := dev.Send(fd, []byte(payload), 0, never); n != len(payload) || err != nil {
			t.Fatal(n, err)
		}
		synctest.Wait()
		m.do(func() {
			if m.links[4].got.String() != payload {
				t.Errorf("sent %q", m.links[4].got.String())
			}
		})
	})
}

func TestDefect03_AnnouncementsInsideOfRepliesCount(t *testing.T) {
	for name, reply := range map[string]string{
		"before":       "\r\n+IPD,3,5\r\n+CIPRECVDATA:2,\"10.0.0.2\",80,hi\r\nOK\r\n",
		"behind data":  "+CIPRECVDATA:2,\"10.0.0.2\",80,hi\r\n+IPD,3,5\r\n\r\nOK\r\n",
		"behind an OK": "+CIPRECVDATA:2,\"10.0.0.2\",80,hi\r\nOK\r\n\r\n+IPD,3,5\r\n",
	} {
		synctest.Test(t, func(t *testing.T) {
			m := newModule()
			dev := connected(t, m)
			fd, other := dialled(t, dev), dialled(t, dev)
			m.do(func() {
				m.links[3].in = []byte("other")
				m.on["AT+CIPRECVDATA=4"] = func(string) string { return reply }
			})
			m.arrive(4, "hi")
			b := make([]byte, 9)
			if n, err := dev.Recv(fd, b, 0, never); string(b[:n]) != "hi" || err != nil {
				t.Errorf("%s: Recv = %q, %v", name, b[:n], err)
			}
			if n, err := dev.Recv(other, b, 0, time.Now().Add(time.Second)); string(b[:n]) != "other" || err != nil {
				t.Errorf("%s: Recv of the other = %q, %v", name, b[:n], err)
			}
		})
	}
}

func TestDefect04_TheEndIsEOF(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := connected(t, m)
		fd := dialled(t, dev)
		ended := make(chan error)
		go func() {
			_, err := dev.Recv(fd, make([]byte, 9), 0, never)
			ended <- err
		}()
		synctest.Wait()
		m.do(func() {
			m.links[4] = nil
			m.out.WriteString("4,CLOSED\r\n")
		})
		begin := time.Now()
		if err := <-ended; err != io.EOF || time.Since(begin) > 10*time.Millisecond {
			t.Errorf("Recv = %v after %v, want EOF at once", err, time.Since(begin))
		}
		if _, err := dev.Send(fd, []byte("x"), 0, never); err == nil {
			synctest.Wait()
			_, err = dev.Send(fd, []byte("x"), 0, never)
			if !errors.Is(err, netdev.ErrBrokenPipe) {
				t.Errorf("Send = %v, want ErrBrokenPipe", err)
			}
		}
	})
}

func TestDefect04_AnEndThatNobodyHeardIsFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := connected(t, m)
		fd := dialled(t, dev)
		time.AfterFunc(time.Second, func() { m.do(func() { m.links[4] = nil }) }) // CLOSED was lost on the UART
		if _, err := dev.Recv(fd, make([]byte, 9), 0, time.Now().Add(10*time.Second)); err != io.EOF {
			t.Errorf("Recv = %v, want EOF", err)
		}
	})
}

func TestDefect04_AnAnnouncedEndThatIsNoneIsNotBelieved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := connected(t, m)
		fd := dialled(t, dev)
		m.say("4,CLOSED\r\n") // a digit has changed on the UART
		synctest.Wait()
		m.arrive(4, "still here")
		b := make([]byte, 20)
		if n, err := dev.Recv(fd, b, 0, never); string(b[:n]) != "still here" || err != nil {
			t.Errorf("Recv = %q, %v", b[:n], err)
		}
	})
}

func TestDefect05_FiveSocketsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := connected(t, m)
		var fds []int
		for range 5 {
			fds = append(fds, dialled(t, dev))
		}
		if _, err := dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0); !errors.Is(err, netdev.ErrNoMoreSockets) {
			t.Errorf("the sixth is %v", err)
		}
		for i, fd := range fds {
			m.arrive(4-i, fmt.Sprint("for link ", 4-i))
			b := make([]byte, 20)
			if n, err := dev.Recv(fd, b, 0, never); string(b[:n]) != fmt.Sprint("for link ", 4-i) || err != nil {
				t.Errorf("Recv = %q, %v", b[:n], err)
			}
		}
		if err := dev.Close(fds[2]); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		dialled(t, dev)
	})
}

func listening(t testing.TB, dev *espat.Device, port uint16) int {
	t.Helper()
	fd, err := dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
	if err == nil {
		err = dev.Bind(fd, netip.AddrPortFrom(netip.IPv4Unspecified(), port))
	}
	if err == nil {
		err = dev.Listen(fd, 2)
	}
	if err != nil {
		t.Fatal(err)
	}
	return fd
}

func TestDefect05_ConnectionsAreAccepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := connected(t, m)
		fd := listening(t, dev, 8080)
		if got := m.heard("AT+CIPSERVER=1"); len(got) != 1 || got[0] != "AT+CIPSERVER=1,8080" {
			t.Errorf("sent %q", got)
		}
		for i, from := range []string{"10.0.0.3:1111", "10.0.0.4:2222"} {
			a := netip.MustParseAddrPort(from)
			m.do(func() {
				m.links[i] = &fakeLink{kind: `"TCP"`, peer: fmt.Sprintf("%q,%d", a.Addr(), a.Port()), local: 8080, came: 1}
				fmt.Fprintf(&m.out, "%d,CONNECT\r\n", i)
			})
			conn, peer, err := dev.Accept(fd)
			if err != nil || peer != a {
				t.Fatalf("Accept = %v, %v", peer, err)
			}
			m.arrive(i, "hello")
			b := make([]byte, 9)
			if n, err := dev.Recv(conn, b, 0, never); string(b[:n]) != "hello" || err != nil {
				t.Errorf("Recv = %q, %v", b[:n], err)
			}
		}
	})
}

func TestDefect05_HardwareAddressVersionAndSignal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dev := connected(t, newModule())
		if mac, err := dev.GetHardwareAddr(); err != nil || mac.String() != "02:00:00:aa:bb:cc" {
			t.Errorf("GetHardwareAddr = %v, %v", mac, err)
		}
		if v, err := dev.Firmware(); err != nil || v != "5.0.0.0" {
			t.Errorf("Firmware = %q, %v", v, err)
		}
		if n, err := dev.RSSI(); n != -51 || err != nil {
			t.Errorf("RSSI = %d, %v", n, err)
		}
	})
}

func TestDefect05_EventsAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := espat.New(&espat.Config{UART: m})
		t.Cleanup(func() { dev.Stop() })
		events := make(chan netlink.Event, 9)
		dev.NetNotify(func(e netlink.Event) { events <- e })
		if err := dev.NetConnect(&netlink.ConnectParams{Ssid: "net", Passphrase: "password"}); err != nil {
			t.Fatal(err)
		}
		if e := <-events; e != netlink.EventNetUp {
			t.Errorf("told %v", e)
		}
		fd := dialled(t, dev)
		m.do(func() {
			m.on["AT+CWJAP?"] = func(string) string { return "No AP\r\n" + ok }
			m.out.WriteString("WIFI DISCONNECT\r\n")
		})
		if e := <-events; e != netlink.EventNetDown {
			t.Errorf("told %v", e)
		}
		if _, err := dev.Recv(fd, make([]byte, 1), 0, never); !errors.Is(err, netdev.ErrNetDown) {
			t.Errorf("Recv = %v, want ErrNetDown", err)
		}
	})
}

func TestDefect05_AnAccessPointOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		m.on["AT+CIPAP?"] = func(string) string {
			return "+CIPAP:ip:\"192.168.4.1\"\r\n+CIPAP:gateway:\"192.168.4.1\"\r\n+CIPAP:netmask:\"255.255.255.0\"\r\n" + ok
		}
		dev := espat.New(&espat.Config{UART: m})
		t.Cleanup(func() { dev.Stop() })
		err := dev.NetConnect(&netlink.ConnectParams{ConnectMode: netlink.ConnectModeAP, Ssid: `my, "net"`, Passphrase: "pass,word"})
		if err != nil {
			t.Fatal(err)
		}
		if a, err := dev.Addr(); err != nil || a.String() != "192.168.4.1" {
			t.Errorf("Addr = %v, %v", a, err)
		}
		if got := m.heard("AT+CWSAP"); !slices.Equal(got, []string{`AT+CWSAP="my\, \"net\"","pass\,word",1,3`}) {
			t.Errorf("sent %q", got)
		}
	})
}

func TestDefect06_EchoAndBootNoiseAreNoReply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		m.say("\x00\xff\xfeets Jun  8 2016 00:22:57\r\nrst:0x1 (POWERON_RESET)\r\n\r\nOK\r\n\r\nready\r\nWIFI CONNECTED\r\n\r\nOK\r\nERROR\r\ngarb")
		joins := 0
		m.on["AT+CWJAP="] = func(string) string {
			joins++
			if m.echo {
				t.Error("the echo is still on")
			}
			return ""
		}
		connected(t, m)
		if joins != 1 {
			t.Errorf("joined %d times", joins)
		}
	})
}

// The module answers at once here, so that all time that passes is the driver's.
func TestDefect07_NothingWaitsForAFixedTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		m.on["AT+CIPDOMAIN="] = func(string) string { return "+CIPDOMAIN:\"10.0.0.2\"\r\n" + ok }
		dev := connected(t, m)
		fd := -1
		b := make([]byte, 9)
		for _, c := range []struct {
			what string
			f    func() error
		}{
			{"GetHostByName", func() error { _, err := dev.GetHostByName("example.com"); return err }},
			{"Socket and Connect", func() error { fd = dialled(t, dev); return nil }},
			{"Send", func() error { _, err := dev.Send(fd, []byte("x"), 0, never); synctest.Wait(); return err }},
			{"Recv", func() error { m.arrive(4, "x"); _, err := dev.Recv(fd, b, 0, never); return err }},
			{"Recv of nothing", func() error {
				_, err := dev.Recv(fd, b, netdev.MSG_DONTWAIT, never)
				return ignore(err, netdev.ErrWouldBlock)
			}},
			{"Close", func() error { err := dev.Close(fd); synctest.Wait(); return err }},
		} {
			begin := time.Now()
			if err := c.f(); err != nil {
				t.Errorf("%s: %v", c.what, err)
			}
			if d := time.Since(begin); d > 0 {
				t.Errorf("%s took %v", c.what, d)
			}
		}
	})
}

func ignore(err, expected error) error {
	if errors.Is(err, expected) {
		return nil
	}
	return err
}

func TestDefect08_NameAndPassphraseAreEscaped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := espat.New(&espat.Config{UART: m})
		t.Cleanup(func() { dev.Stop() })
		if err := dev.NetConnect(&netlink.ConnectParams{Ssid: `ab\,c`, Passphrase: `0123456789"\`}); err != nil {
			t.Fatal(err)
		}
		if got := m.heard("AT+CWJAP="); len(got) != 1 || !strings.HasPrefix(got[0], `AT+CWJAP="ab\\\,c","0123456789\"\\"`) {
			t.Errorf("sent %q", got)
		}
	})
}

func TestDefect08_JoiningMayTakeItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		m.on["AT+CWJAP="] = func(string) string {
			time.AfterFunc(14*time.Second, func() { m.say("WIFI CONNECTED\r\nWIFI GOT IP\r\n" + ok) })
			return "\r\n"
		}
		dev := espat.New(&espat.Config{UART: m})
		t.Cleanup(func() { dev.Stop() })
		err := dev.NetConnect(&netlink.ConnectParams{Ssid: "net", Passphrase: "password", ConnectTimeout: 15 * time.Second, Retries: 1})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestDefect08_WhyJoiningFailed(t *testing.T) {
	for code, want := range map[int]error{1: netlink.ErrConnectTimeout, 2: netlink.ErrAuthFailure, 3: netlink.ErrConnectFailed, 4: netlink.ErrConnectFailed} {
		synctest.Test(t, func(t *testing.T) {
			m := newModule()
			m.on["AT+CWJAP="] = func(string) string { return fmt.Sprintf("+CWJAP:%d\r\n", code) + wrong }
			dev := espat.New(&espat.Config{UART: m})
			t.Cleanup(func() { dev.Stop() })
			if err := dev.NetConnect(&netlink.ConnectParams{Ssid: "net", Passphrase: "password", Retries: 1}); err != want {
				t.Errorf("code %d: %v, want %v", code, err, want)
			}
		})
	}
}

func TestDefect08_AnyMethodFromAnyGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		m.on["AT+CIPDOMAIN="] = func(string) string { return "+CIPDOMAIN:10.0.0.2\r\n" + ok }
		dev := connected(t, m)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 20 {
					fd, err := dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
					if err == nil {
						err = dev.Connect(fd, "example.com", netip.AddrPortFrom(netip.Addr{}, 80))
					}
					if err == nil {
						_, err = dev.Send(fd, []byte("hello"), 0, time.Now().Add(time.Second))
					}
					if err != nil {
						t.Error(err)
						return
					}
					if err := dev.Close(fd); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
	})
}

func TestDefect08_UncheckedTLSIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := connected(t, m)
		if _, err := dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, netdev.IPPROTO_TLS); !errors.Is(err, netdev.ErrProtocolNotSupported) {
			t.Errorf("Socket = %v, want ErrProtocolNotSupported", err)
		}
	})
}

func TestDefect08_ClosingALinkThatHasClosedIsNoError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := connected(t, m)
		for _, announced := range []bool{true, false} {
			fd := dialled(t, dev)
			m.do(func() {
				m.links[4] = nil
				if announced {
					m.out.WriteString("4,CLOSED\r\n")
				}
			})
			if err := dev.Close(fd); err != nil {
				t.Errorf("announced %v: Close = %v", announced, err)
			}
			synctest.Wait()
		}
	})
}

func TestDefect07_ASlowNameServerLeavesTimeForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		asked := 0
		m.on["AT+CIPDOMAIN="] = func(args string) string {
			var ms int
			fmt.Sscanf(args[strings.LastIndex(args, ",")+1:], "%d", &ms)
			reply := wrong
			if asked++; asked == 3 {
				reply = "+CIPDOMAIN:\"10.0.0.2\"\r\n" + ok
			}
			time.AfterFunc(time.Duration(ms)*time.Millisecond, func() { m.say(reply) })
			return "\r\n"
		}
		dev := connected(t, m)
		fd := dialled(t, dev)
		resolved := make(chan error)
		go func() {
			a, err := dev.GetHostByName("slow.example")
			if err == nil && a != peer.Addr() {
				err = fmt.Errorf("%v", a)
			}
			resolved <- err
		}()
		synctest.Wait()
		for range 3 {
			begin := time.Now()
			m.do(func() { m.links[4].in = append(m.links[4].in, 'x'); m.out.WriteString("\r\n+IPD,4,1\r\n") })
			if _, err := dev.Recv(fd, make([]byte, 1), 0, never); err != nil {
				t.Fatal(err)
			}
			if d := time.Since(begin); d > 9*time.Second {
				t.Errorf("a byte took %v", d)
			}
		}
		if err := <-resolved; err != nil {
			t.Error(err)
		}
	})
}

func TestDefect07_ADeadlineCountsWhileTheModuleIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		m.on["AT+CIPDOMAIN="] = func(string) string { return "\r\n" } // never
		dev := connected(t, m)
		fd := dialled(t, dev)
		go dev.GetHostByName("slow.example")
		synctest.Wait()
		begin := time.Now()
		_, err := dev.Recv(fd, make([]byte, 1), 0, begin.Add(50*time.Millisecond))
		if d := time.Since(begin); !errors.Is(err, netdev.ErrTimeout) || d != 50*time.Millisecond {
			t.Errorf("Recv = %v after %v", err, d)
		}
		begin = time.Now()
		if err := dev.Close(fd); err != nil || time.Since(begin) > 0 {
			t.Errorf("Close = %v after %v", err, time.Since(begin))
		}
	})
}
