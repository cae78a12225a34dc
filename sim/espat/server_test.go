package espat_test

import (
	"io"
	"testing"
	"time"

	"github.com/netdev-go/netdev/sim/espat"
)

func TestThereIsOneServerAndItsClientsAreLinks(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		r.ask("AT+CIPSERVER?", "+CIPSERVER:0\r\n"+ok)
		r.dial("1")
		r.ask("AT+CIPSERVER=1,8080", ok)
		r.ask("AT+CIPSERVER=1,8081", "\r\nERROR\r\n")
		r.ask("AT+CIPSERVER?", "+CIPSERVER:1,8080,\"TCP\",0,0\r\n"+ok)
		fd := r.call(8080)
		r.expect("0,CONNECT\r\n")
		r.says(fd, "hello")
		r.expect("\r\n+IPD,0,5\r\n")
		r.ask("AT+CIPRECVDATA=0,9", "+CIPRECVDATA:5,hello\r\nOK\r\n")
		r.call(8080)
		r.expect("2,CONNECT\r\n")
		r.ask("AT+CIPSERVER=0", ok)
		r.ask("AT+CIPSEND=0,2", "\r\nOK\r\n\r\n>")
		r.write("hi")
		r.until("SEND OK\r\n")
		if got := r.hears(fd, 2); got != "hi" {
			t.Errorf("%q", got)
		}
		r.ask("AT+CIPSERVER=0", "\r\nERROR\r\n")
		r.ask("AT+CIPSERVER=1,8081", ok)
		r.ask("AT+CIPSERVER=0,1", "0,CLOSED\r\n2,CLOSED\r\n"+ok)
	})
}

func TestWhoFindsNoLinkIsTurnedAway(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		r.command("AT+CIPSERVERMAXCONN=2")
		r.command("AT+CIPSERVER=1,80")
		r.call(80)
		r.expect("0,CONNECT\r\n")
		r.call(80)
		r.expect("1,CONNECT\r\n")
		fd := r.call(80)
		r.expect("Have 2 Connections\r\n")
		if _, err := r.peer.Recv(fd, make([]byte, 1), 0, soon()); err != io.EOF {
			t.Errorf("the peer gets %v", err)
		}
	})
}

func TestAClientThatIsQuietForTooLongIsClosed(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		r.ask("AT+CIPSTO?", "+CIPSTO:180\r\n"+ok)
		r.command("AT+CIPSERVER=1,80")
		own := r.dial("0")
		fd := r.call(80)
		r.expect("1,CONNECT\r\n")
		r.silent(170 * time.Second)
		r.says(fd, "x")
		r.expect("\r\n+IPD,1,1\r\n")
		r.ask("AT+CIPRECVDATA=1,9", "+CIPRECVDATA:1,x\r\nOK\r\n")
		r.silent(170 * time.Second)
		begin := time.Now()
		r.expect("1,CLOSED\r\n")
		if d := time.Since(begin); d < 9*time.Second || d > 11*time.Second {
			t.Errorf("after another %v", d)
		}
		r.command("AT+CIPSTO=0")
		r.call(80)
		r.expect("1,CONNECT\r\n")
		r.silent(time.Hour)
		r.says(own, "x")
		r.expect("\r\n+IPD,0,1\r\n")
	})
}
