package espat_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/espat"
)

func TestALongSendTellsHowMuchTheNetworkTook(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		fd := r.dial("0")
		r.ask("AT+CIPSENDLCFG?", "+CIPSENDLCFG:1024,2920\r\n"+ok)
		r.command("AT+CIPSENDLCFG=1048576,2920")
		r.ask("AT+CIPSENDL=0,20000", "\r\nOK\r\n\r\n>")
		payload := strings.Repeat("0123456789", 2000)
		go r.write(payload)
		if got := r.hears(fd, len(payload)); got != payload {
			t.Error("the peer hears other bytes")
		}
		r.expect("+CIPSENDL:20000,20000\r\n\r\nSEND OK\r\n")
		r.ask("AT", ok)
	})
}

func TestALongSendReportsAsItGoes(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		fd := r.dial("0")
		r.command("AT+CIPSENDLCFG=100,100")
		r.ask("AT+CIPSENDL=0,250", "\r\nOK\r\n\r\n>")
		r.write(strings.Repeat("x", 250))
		r.expect("+CIPSENDL:100,250\r\n+CIPSENDL:200,250\r\n+CIPSENDL:250,250\r\n\r\nSEND OK\r\n")
		r.hears(fd, 250)
	})
}

func TestALongSendToAPeerThatDoesNotReadFailsWithItsCount(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		fd := r.dial("0")
		r.command("AT+CIPSENDLCFG=1048576")
		r.command("AT+CIPTCPOPT=5,,,100")
		const n = 500000
		r.ask(fmt.Sprintf("AT+CIPSENDL=0,%d", n), "\r\nOK\r\n\r\n>")
		begin := time.Now()
		r.write(strings.Repeat("x", n))
		var sent, got int
		if _, err := fmt.Sscanf(r.until("\r\n"), "+CIPSENDL:%d,%d\r\n", &sent, &got); err != nil || got != n || sent == 0 || sent == n {
			t.Fatalf("sent %d, got %d: %v", sent, got, err)
		}
		r.expect("\r\nSEND FAIL\r\n")
		if d := time.Since(begin); d < 100*time.Millisecond || d > time.Second {
			t.Errorf("after %v", d)
		}
		r.hears(fd, sent)
		r.ask("AT+CIPSENDL=0,3", "\r\nOK\r\n\r\n>")
		r.write("end")
		r.expect("+CIPSENDL:3,3\r\n\r\nSEND OK\r\n")
		if got := r.hears(fd, 3); got != "end" {
			t.Errorf("behind the %d bytes that were counted comes %q", sent, got)
		}
	})
}

func TestAnEscapeEndsASendWhereverThereAreGaps(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		fd := r.dial("0")
		r.ask("AT+CIPSEND=0,9", "\r\nOK\r\n\r\n>")
		r.write("abc")
		time.Sleep(30 * time.Millisecond)
		r.write("+++")
		r.expect("\r\nSEND Canceled\r\n")
		r.ask("AT+CIPSENDL=0,9", "\r\nOK\r\n\r\n>")
		r.write("abc")
		time.Sleep(30 * time.Millisecond)
		r.write("+++")
		r.expect("\r\nSEND CANCELLED\r\n")
		if got := r.hears(fd, 3); got != "abc" { // of CIPSENDL
			t.Errorf("%q", got)
		}
		r.ask("AT+CIPSEND=0,9", "\r\nOK\r\n\r\n>")
		r.write("abc")
		time.Sleep(30 * time.Millisecond)
		r.write("++")
		time.Sleep(30 * time.Millisecond)
		r.write("+")
		time.Sleep(30 * time.Millisecond)
		r.write("+++x")
		r.expect("\r\nRecv 9 bytes\r\n\r\nSEND OK\r\n")
		r.write("+")
		r.write("\r\n")
		r.expect("\r\nERROR\r\n")
		if got := r.hears(fd, 9); got != "abc++++++" {
			t.Errorf("%q", got)
		}
	})
}

func TestMessagesComeWhileTheNetworkTakesWhatWasSent(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		fd := r.dial("0")
		must(t, r.peer.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_RCVBUF, 4096)) // and not more
		r.command("AT+CIPTCPOPT=0,-1,0,3000")
		for {
			r.ask("AT+CIPSEND=0,8192", "\r\nOK\r\n\r\n>")
			r.write(strings.Repeat("x", 8192))
			r.expect("\r\nRecv 8192 bytes\r\n")
			if r.more(time.Second); r.got == "" {
				break // the peer's buffer is full
			}
			r.expect("\r\nSEND OK\r\n")
		}
		r.says(fd, "x")
		r.expect("\r\n+IPD,0,1\r\n\r\nSEND FAIL\r\n")
	})
}
