package espat_test

import (
	"bytes"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/espat"
)

func TestAConnectionThatFails(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		r.ask(`AT+CIPSTART=1,"TCP","10.0.0.1",81`, "\r\nERROR\r\n")
		r.command("AT+SYSLOG=1")
		r.ask(`AT+CIPSTART=1,"TCP","10.0.0.1",81`, "+ERRNO:0x68\r\nERR CODE:0x010a0000\r\n\r\nERROR\r\n")
		begin := time.Now()
		r.ask(`AT+CIPSTART=1,"TCP","10.0.0.9",80,,,2000`, "+ERRNO:0x74\r\nERR CODE:0x010a0000\r\n\r\nERROR\r\n")
		if d := time.Since(begin); d != 2*time.Second {
			t.Errorf("it gives up after %v", d)
		}
		r.ask(`AT+CIPSTART=1,"TCP","10.0.0.9",80`, "+ERRNO:0x76\r\nERR CODE:0x010a0000\r\n\r\nERROR\r\n")
		r.command("AT+SYSLOG=0")
		r.ask(`AT+CIPSTART=5,"TCP","10.0.0.1",80`, "\r\nERROR\r\n")
		r.ask(`AT+CIPSTART=0,"TCP","10.0.0.1",0`, "\r\nERROR\r\n")
		r.ask(`AT+CIPSTART=0,"TCP","`+strings.Repeat("a", 65)+`",80`, "\r\nERROR\r\n")
		r.dial("0")
		r.ask(`AT+CIPSTART=0,"TCP","10.0.0.1",80`, "ALREADY CONNECTED\r\n\r\nERROR\r\n")
		r.ask("AT+CIPMUX=0", "link is builded\r\n\r\nERROR\r\n")
	})
}

// The peer's hardware address is known, but it is not there any more.
func TestASilentPeerIsGivenUpAfterEighteenSeconds(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		r.dial("0")
		r.command("AT+SYSLOG=1")
		must(t, r.peerDev.Close())
		begin := time.Now()
		r.ask(`AT+CIPSTART=1,"TCP","10.0.0.1",80`, "+ERRNO:0x71\r\nERR CODE:0x010a0000\r\n\r\nERROR\r\n")
		if d := time.Since(begin).Round(time.Second); d != 18*time.Second {
			t.Errorf("after %v", d)
		}
	})
}

func TestConnectingHoldsTheParser(t *testing.T) {
	boot(t, espat.Config{}, func(r *rig) {
		r.setUp()
		fd := r.dial("0")
		begin := time.Now()
		r.write(`AT+CIPSTART=1,"TCP","10.0.0.9",80,,,2000` + "\r\nAT+CIPRECVLEN?\r\n")
		r.expect("\r\nbusy p...\r\n")
		r.says(fd, "x")
		r.expect("\r\n+IPD,0,1\r\n") // messages come all the same
		if d := time.Since(begin); d > time.Second {
			t.Errorf("after %v", d)
		}
		r.expect("\r\nERROR\r\n")
		r.ask("AT", ok)
	})
}

func TestNothingMoreIsSaidUntilTheDataIsRead(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		fd := r.dial("3")
		r.says(fd, "abc")
		r.expect("\r\n+IPD,3,3\r\n")
		r.says(fd, "def")
		must(t, r.peer.Close(fd))
		r.silent(time.Minute)
		r.ask("AT+CIPRECVLEN?", "+CIPRECVLEN:0,0,0,6,0\r\n"+ok)
		r.ask("AT+CIPRECVDATA=3,2", "+CIPRECVDATA:2,ab\r\nOK\r\n")
		time.Sleep(time.Second)
		r.more(0)
		if r.got != "" && r.got != "\r\n+IPD,3,4\r\n" {
			t.Errorf("the chip says %q", r.got)
		}
		r.got = ""
		r.ask("AT+CIPRECVDATA=3,64", "+CIPRECVDATA:4,cdef\r\nOK\r\n")
		r.expect("3,CLOSED\r\n")
		r.ask("AT+CIPRECVDATA=3,64", "\r\nERROR\r\n")
		r.ask("AT+CIPCLOSE=3", "\r\nERROR\r\n")
	})
}

func TestWhatIsLeftIsToldOfAtOnceOrWithWhatComesNext(t *testing.T) {
	told := make(map[bool]bool)
	for seed := range uint64(16) {
		run(t, espat.Config{Seed: seed}, func(r *rig) {
			fd := r.dial("0")
			r.says(fd, "abcdef")
			r.expect("\r\n+IPD,0,6\r\n")
			r.ask("AT+CIPRECVDATA=0,2", "+CIPRECVDATA:2,ab\r\nOK\r\n")
			time.Sleep(time.Second)
			r.more(0)
			told[r.got != ""] = true
			if r.got == "" {
				r.says(fd, "g")
				r.expect("\r\n+IPD,0,5\r\n")
				return
			}
			r.expect("\r\n+IPD,0,4\r\n")
		})
	}
	if len(told) != 2 {
		t.Errorf("told at once: %v", told)
	}
}

func TestReadingNothingIsAnError(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		r.dial("0")
		r.ask("AT+CIPRECVDATA=0,64", "\r\nERROR\r\n")
		r.ask("AT+CIPRECVDATA=1,64", "\r\nERROR\r\n")
		r.command("AT+CIPRECVTYPE=0,0")
		r.ask("AT+CIPRECVDATA=0,64", "\r\nERROR\r\n")
	})
}

func TestTheWindowHoldsThePeer(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		fd := r.dial("0")
		data := strings.Repeat("0123456789abcdef", 4096)
		go r.peer.Send(fd, []byte(data), 0, soon())
		r.until("+IPD,0,")
		r.until("\r\n")
		time.Sleep(time.Second)
		r.ask("AT+CIPRECVLEN?", "+CIPRECVLEN:5760,0,0,0,0\r\n"+ok)
		got := ""
		for len(got) < len(data) {
			r.write("AT+CIPRECVDATA=0,2048\r\n")
			r.until("+CIPRECVDATA:")
			var n int
			if _, err := fmt.Sscanf(r.until(","), "%d", &n); err != nil {
				t.Fatal(err)
			}
			for len(r.got) < n+6 && r.more(time.Minute) {
			}
			got += r.got[:n]
			r.got = r.got[n:]
			r.expect("\r\nOK\r\n")
			time.Sleep(time.Millisecond)
			r.more(0)
			r.got = ""
		}
		if got != data {
			t.Error("other bytes have come")
		}
	})
}

func TestActiveModeHandsOverWhatComes(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		r.command("AT+CIPRECVTYPE=5,0")
		fd := r.dial("1")
		r.says(fd, "OK\r\n")
		r.expect("\r\n+IPD,1,4:OK\r\n")
		r.command("AT+CIPDINFO=1")
		r.says(fd, "x")
		r.expect("\r\n+IPD,1,1,\"10.0.0.1\",80:x")
		must(t, r.peer.Close(fd))
		r.expect("1,CLOSED\r\n")
	})
}

func TestActiveModeHandsOver2920BytesAtMost(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		r.command("AT+CIPRECVTYPE=5,0")
		fd := r.dial("0")
		r.says(fd, strings.Repeat("x", 10000))
		for left := 10000; left > 0; {
			var n int
			if _, err := fmt.Sscanf(r.until(":"), "\r\n+IPD,0,%d:", &n); err != nil || n > 2920 {
				t.Fatal(n, err)
			}
			r.expect(strings.Repeat("x", n))
			left -= n
		}
	})
}

func TestSingleConnectionsHaveNoNumber(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		r.command("AT+CIPMUX=0")
		l := r.serve(80)
		r.ask(`AT+CIPSTART="TCP","10.0.0.1",80`, "CONNECT\r\n"+ok)
		fd, _, err := r.peer.Accept(l)
		must(t, err)
		r.ask("AT+CIPSEND=2", "\r\nOK\r\n\r\n>")
		r.write("hi")
		r.expect("\r\nRecv 2 bytes\r\n\r\nSEND OK\r\n")
		r.says(fd, "ho")
		r.expect("\r\n+IPD,2\r\n")
		r.ask("AT+CIPRECVDATA=9", "+CIPRECVDATA:2,ho\r\nOK\r\n")
		r.ask("AT+CIPCLOSE", "CLOSED\r\n"+ok)
		r.ask("AT+CIPSERVER=1,80", "\r\nERROR\r\n")
	})
}

func TestClosingSendsAFINBehindWhatWasSent(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		a := r.dial("0")
		b := r.dial("1")
		r.ask("AT+CIPSEND=0,3", "\r\nOK\r\n\r\n>")
		r.write("bye")
		r.until("SEND OK\r\n")
		r.ask("AT+CIPCLOSE=0", "0,CLOSED\r\n"+ok)
		if got := r.hears(a, 3); got != "bye" {
			t.Errorf("%q", got)
		}
		if _, err := r.peer.Recv(a, make([]byte, 1), 0, soon()); err != io.EOF {
			t.Errorf("the peer gets %v", err)
		}
		r.command("AT+CIPTCPOPT=1,0")
		r.ask("AT+CIPCLOSE=5", "1,CLOSED\r\n"+ok)
		if _, err := r.peer.Recv(b, make([]byte, 1), 0, soon()); err != netdev.ErrConnReset {
			t.Errorf("with SO_LINGER 0 the peer gets %v", err)
		}
	})
}

func TestAPeersResetIsNoMoreThanClosed(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		fd := r.dial("0")
		must(t, r.peer.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_LINGER, 0))
		must(t, r.peer.Close(fd))
		r.expect("0,CLOSED\r\n")
		r.ask("AT+CIPSEND=0,3", "link is not valid\r\n\r\nERROR\r\n")
	})
}

func TestSendingTakesEverythingUpToItsCount(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		fd := r.dial("0")
		r.ask("AT+CIPSEND=0,8193", "\r\nERROR\r\n")
		r.ask("AT+CIPSEND=0,0", "link is not valid\r\n\r\nERROR\r\n")
		payload := strings.Repeat("AT+RST\r\n", 1024)
		go r.peer.Recv(fd, make([]byte, 1), netdev.MSG_PEEK, soon())
		r.ask("AT+CIPSEND=0,8192", "\r\nOK\r\n\r\n>")
		r.write(payload[:4000])
		r.silent(time.Second)
		r.write(payload[4000:])
		r.expect("\r\nRecv 8192 bytes\r\n\r\nSEND OK\r\n")
		if got := r.hears(fd, 8192); got != payload {
			t.Error("the peer hears other bytes")
		}
	})
}

func TestThreePlusesAloneCancelASend(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		fd := r.dial("0")
		r.ask("AT+CIPSEND=0,5", "\r\nOK\r\n\r\n>")
		time.Sleep(30 * time.Millisecond)
		r.write("+++")
		r.expect("\r\nSEND Canceled\r\n")
		r.ask("AT+CIPSEND=0,5", "\r\nOK\r\n\r\n>")
		r.write("+++++")
		r.until("SEND OK\r\n")
		if got := r.hears(fd, 5); got != "+++++" {
			t.Errorf("%q", got)
		}
	})
}

func TestAPeerThatDoesNotReadHoldsTheChipForAsLongAsItMay(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		r.dial("0")
		r.command("AT+CIPTCPOPT=0,-1,0,3000")
		for i := 0; ; i++ {
			r.ask("AT+CIPSEND=0,8192", "\r\nOK\r\n\r\n>")
			begin := time.Now()
			r.write(strings.Repeat("x", 8192))
			r.expect("\r\nRecv 8192 bytes\r\n")
			if !strings.HasPrefix(r.next(), "\r\nSEND OK") {
				r.expect("\r\nSEND FAIL\r\n")
				if d := time.Since(begin); d != 3*time.Second || i == 0 {
					t.Errorf("the %d. fails after %v", i+1, d)
				}
				return
			}
			r.expect("\r\nSEND OK\r\n")
		}
	})
}

// next waits for a line that is not looked at yet.
func (r *rig) next() string {
	for len(r.got) < 10 && r.more(time.Minute) {
	}
	return r.got
}

func TestLinksAreListed(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		fd := r.dial("0")
		r.ask(`AT+CIPSTART=2,"UDP","10.0.0.1",99,1000,0`, "2,CONNECT\r\n"+ok)
		r.command("AT+CIPSERVER=1,8080")
		client := r.call(8080)
		r.expect("1,CONNECT\r\n")
		name, err := r.peer.GetPeerName(fd)
		must(t, err)
		own, err := r.peer.GetSockName(client)
		must(t, err)
		r.ask("AT+CIPSTATE?", fmt.Sprintf("+CIPSTATE:0,\"TCP\",\"10.0.0.1\",80,%d,0\r\n+CIPSTATE:1,\"TCP\",\"10.0.0.1\",%d,8080,1\r\n"+
			"+CIPSTATE:2,\"UDP\",\"10.0.0.1\",99,1000,0\r\n", name.Port(), own.Port())+ok)
	})
}

// Messages come between the lines of a reply, or behind it, and never in a line.
func TestMessagesComeBetweenTheLinesOfAReply(t *testing.T) {
	between := 0
	for seed := range uint64(12) {
		boot(t, espat.Config{Seed: seed, Baud: 9600}, func(r *rig) {
			r.setUp()
			fd := r.dial("0")
			r.write("AT+GMR\r\n")
			r.until("AT version")
			r.says(fd, "x")
			reply := r.until("\r\nOK\r\n")
			if strings.Contains(reply, "\r\n+IPD,0,1\r\n") {
				between++
				return
			}
			r.expect("\r\n+IPD,0,1\r\n")
		})
	}
	if between == 0 || between == 12 {
		t.Errorf("%d of 12 times the message comes within the reply", between)
	}
}

func TestDatagrams(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		a, b := r.talker(99), r.talker(100)
		to := netip.AddrPortFrom(chipAddr, 1000)
		r.ask(`AT+CIPSTART=4,"UDP","10.0.0.1",99,1000,0`, "4,CONNECT\r\n"+ok)
		r.ask("AT+CIPSEND=4,3", "\r\nOK\r\n\r\n>")
		r.write("abc")
		r.expect("\r\nRecv 3 bytes\r\n\r\nSEND OK\r\n")
		if got, from := r.gets(a); got != "abc" || from != to {
			t.Errorf("%q from %v", got, from)
		}
		r.ask(`AT+CIPSEND=4,3,"10.0.0.1",100`, "\r\nOK\r\n\r\n>")
		r.write("def")
		r.until("SEND OK\r\n")
		if got, _ := r.gets(b); got != "def" {
			t.Errorf("%q", got)
		}
		r.ask("AT+CIPSEND=4,0", "\r\nOK\r\n\r\n>\r\nRecv 0 bytes\r\n\r\nSEND OK\r\n")
		if got, _ := r.gets(a); got != "" {
			t.Errorf("%q", got)
		}
		r.sends(a, to, "one")
		r.expect("\r\n+IPD,4,3\r\n")
		r.sends(b, to, "second")
		r.silent(time.Second)
		r.ask("AT+CIPRECVDATA=4,64", "+CIPRECVDATA:9,onesecond\r\nOK\r\n") // together
		r.command("AT+CIPRECVTYPE=5,1,1")
		r.command("AT+CIPDINFO=1")
		r.sends(a, to, "one")
		r.expect("\r\n+IPD,4,3\r\n")
		r.sends(b, to, "second")
		time.Sleep(time.Second)
		r.ask("AT+CIPRECVDATA=4,64,1", "+CIPRECVDATA:3,\"10.0.0.1\",99,one\r\nOK\r\n")
		time.Sleep(time.Second)
		if r.more(0); r.got != "" {
			r.expect("\r\n+IPD,4,6\r\n")
		}
		r.ask("AT+CIPRECVLEN?", "+CIPRECVLEN:0,0,0,0,6\r\n"+ok)
		r.ask("AT+CIPRECVDATA=4,5,1", "\r\nERROR\r\n") // it does not fit
		r.ask("AT+CIPRECVDATA=4,64,1", "+CIPRECVDATA:6,\"10.0.0.1\",100,second\r\nOK\r\n")
	})
}

func (r *rig) sends(fd int, to netip.AddrPort, text string) {
	r.Helper()
	_, err := r.peer.SendTo(fd, []byte(text), 0, to, soon())
	must(r.T, err)
}

func (r *rig) gets(fd int) (string, netip.AddrPort) {
	r.Helper()
	b := make([]byte, 9000)
	n, from, err := r.peer.RecvFrom(fd, b, 0, soon())
	must(r.T, err)
	return string(b[:n]), from
}

func TestDatagramsThatNobodyReadsAreLost(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		fd := r.talker(99)
		r.ask(`AT+CIPSTART=0,"UDP","10.0.0.1",99,1000,0`, "0,CONNECT\r\n"+ok)
		for range 5 {
			r.sends(fd, netip.AddrPortFrom(chipAddr, 1000), string(bytes.Repeat([]byte("x"), 1400)))
			time.Sleep(time.Millisecond)
		}
		r.sends(fd, netip.AddrPortFrom(chipAddr, 1000), strings.Repeat("y", 1473)) // in fragments
		time.Sleep(time.Second)
		r.until("+IPD,0,1400\r\n")
		r.ask("AT+CIPRECVLEN?", "+CIPRECVLEN:5600,0,0,0,0\r\n"+ok)
		if got := r.Stats().Dropped; got != 1 {
			t.Errorf("%d were dropped", got)
		}
	})
}

func TestTheModeOfAUDPLinkSaysWhoThePeerIs(t *testing.T) {
	for mode, want := range []string{"99", "100", "101"} {
		run(t, espat.Config{}, func(r *rig) {
			r.ask(fmt.Sprintf(`AT+CIPSTART=0,"UDP","10.0.0.1",99,1000,%d`, mode), "0,CONNECT\r\n"+ok)
			for _, port := range []uint16{100, 101} {
				r.sends(r.talker(port), netip.AddrPortFrom(chipAddr, 1000), "x")
				time.Sleep(time.Millisecond)
			}
			r.until("+IPD,0,1\r\n")
			r.ask("AT+CIPSTATE?", "+CIPSTATE:0,\"UDP\",\"10.0.0.1\","+want+",1000,0\r\n"+ok)
		})
	}
}

func TestAMulticastLinkHearsItsGroup(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		fd := r.talker(700)
		r.ask(`AT+CIPSTART=0,"UDP","224.0.0.251",700,700,0`, "0,CONNECT\r\n"+ok)
		r.sends(fd, netip.MustParseAddrPort("224.0.0.251:700"), "to some")
		r.expect("\r\n+IPD,0,7\r\n")
		must(t, r.peer.JoinGroup(fd, netip.MustParseAddr("224.0.0.251"), ""))
		r.ask("AT+CIPSEND=0,3", "\r\nOK\r\n\r\n>")
		r.write("all")
		r.until("SEND OK\r\n")
		for {
			got, from := r.gets(fd)
			if from.Addr() == chipAddr {
				if got != "all" {
					t.Errorf("%q", got)
				}
				return
			}
		}
	})
}
