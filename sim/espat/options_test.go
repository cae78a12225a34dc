package espat_test

import (
	"testing"

	"github.com/netdev-go/netdev/sim/espat"
)

func TestWhatIsSetIsToldWhenAskedFor(t *testing.T) {
	boot(t, espat.Config{}, func(r *rig) {
		r.command("ATE0")
		r.command("AT+CIPMUX=1")
		for _, c := range []struct{ set, query, answer string }{
			{"AT+CIPTCPOPT=1,5,1,2000,60", "AT+CIPTCPOPT?", "+CIPTCPOPT:0,-1,0,0,0\r\n+CIPTCPOPT:1,5,1,2000,60\r\n" +
				"+CIPTCPOPT:2,-1,0,0,0\r\n+CIPTCPOPT:3,-1,0,0,0\r\n+CIPTCPOPT:4,-1,0,0,0\r\n"},
			{"AT+CIPRECVTYPE=4,1", "AT+CIPRECVTYPE?", "+CIPRECVTYPE:0,0\r\n+CIPRECVTYPE:1,0\r\n+CIPRECVTYPE:2,0\r\n+CIPRECVTYPE:3,0\r\n+CIPRECVTYPE:4,1\r\n"},
			{"AT+CWRECONNCFG=2,3", "AT+CWRECONNCFG?", "+CWRECONNCFG:2,3\r\n"},
			{"AT+CIPDINFO=1", "AT+CIPDINFO?", "+CIPDINFO:true\r\n"},
			{"AT+CIPSERVERMAXCONN=3", "AT+CIPSERVERMAXCONN?", "+CIPSERVERMAXCONN:3\r\n"},
			{"AT+CIPSTO=7", "AT+CIPSTO?", "+CIPSTO:7\r\n"},
			{"AT+SYSSTORE=0", "AT+SYSSTORE?", "+SYSSTORE:0\r\n"},
			{"AT+SYSLOG=1", "AT+SYSLOG?", "+SYSLOG:1\r\n"},
			{"AT+SYSLOG=0", "AT+SYSLOG?", "+SYSLOG:0\r\n"},
			{"AT+SYSMSG=3", "AT+SYSMSG?", "+SYSMSG:2\r\n"},
			{"AT+CWDHCP=1,1", "AT+CWDHCP?", "+CWDHCP:3\r\n"},
			{`AT+CIPSTA="10.0.0.2"`, "AT+CWDHCP?", "+CWDHCP:2\r\n"},
			{`AT+CIPSSLCCONF=1,2,0,3`, "AT+CIPSSLCCONF?", "+CIPSSLCCONF:0,0,0,0\r\n+CIPSSLCCONF:1,2,0,3\r\n+CIPSSLCCONF:2,0,0,0\r\n+CIPSSLCCONF:3,0,0,0\r\n+CIPSSLCCONF:4,0,0,0\r\n"},
			{`AT+CIPSSLCSNI=5,"a"`, "AT+CIPSSLCSNI?", "+CIPSSLCSNI:0,\"a\"\r\n+CIPSSLCSNI:1,\"a\"\r\n+CIPSSLCSNI:2,\"a\"\r\n+CIPSSLCSNI:3,\"a\"\r\n+CIPSSLCSNI:4,\"a\"\r\n"},
			{"AT+CIPMODE=0", "AT+CIPMODE?", "+CIPMODE:0\r\n"},
		} {
			r.ask(c.set, ok)
			r.ask(c.query, c.answer+ok)
		}
		for _, line := range []string{"AT+CIPTCPOPT=1,5,2", "AT+CIPRECVTYPE=6,1", "AT+CIPMODE=1", "AT+CIPV6=1", "AT+CIPSERVERMAXCONN=6", "AT+CIPSTO=7201"} {
			r.ask(line, "\r\nERROR\r\n")
		}
	})
}

func TestDetailedMessages(t *testing.T) {
	run(t, espat.Config{}, func(r *rig) {
		r.command("AT+SYSMSG=2")
		r.ask(`AT+CIPSTART=0,"UDP","10.0.0.1",99,1000,0`, "+LINK_CONN:0,0,\"UDP\",0,\"10.0.0.1\",99,1000\r\n"+ok)
	})
}
