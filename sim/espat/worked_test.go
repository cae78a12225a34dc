package espat_test

import (
	"testing"

	"github.com/netdev-go/netdev/sim/espat"
)

// The worked bytes of CHIPS.md C.
func TestWorkedBytes(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		l := r.serve(80)
		r.ask(`AT+CIPSTART=0,"TCP","10.0.0.1",80,,,5000`, "0,CONNECT\r\n\r\nOK\r\n")
		fd, _, err := r.peer.Accept(l)
		must(t, err)
		r.ask("AT+CIPSEND=0,5", "\r\nOK\r\n\r\n>")
		r.write("hello")
		r.expect("\r\nRecv 5 bytes\r\n\r\nSEND OK\r\n")
		if got := r.hears(fd, 5); got != "hello" {
			t.Errorf("the peer hears %q", got)
		}
		r.says(fd, "hello")
		r.expect("\r\n+IPD,0,5\r\n")
		r.ask("AT+CIPRECVDATA=0,64", "+CIPRECVDATA:5,hello\r\nOK\r\n")
	})
}
