package espat_test

import (
	"strings"
	"testing"
	"time"

	"github.com/netdev-go/netdev/sim/espat"
)

// Whatever comes, the chip then does what it is told.
func FuzzCommands(f *testing.F) {
	for _, text := range []string{
		"AT+GMR\r\n", "AT+CIPSTART=0,\"TCP\",\"10.0.0.1\",80,,,5000\r\nAT+CIPSEND=0,5\r\nhello", "AT+CWMODE=3\r\nAT+CWSAP=\"a\",\"12345678\",1,3\r\n",
		"AT+CWMODE=1\r\nAT+CWJAP=\"a\\\"\",\"b\",,,,,,3\r\n", "AT+RST\r\n", "AT+RESTORE\r\nxx", "\x00\xFF\r\n+++", "AT+CIPRECVDATA=9,9\r\n",
		"AT+CIPSERVER=1,80\r\nAT+CIPSERVER?\r\nAT+CIPSTO=1\r\nAT+CIPMUX=1\r\n", "AT+CIPSTA=\"1.2.3.4\",\"1.2.3.1\",\"255.0.255.0\"\r\n",
		"AT+CIPSNTPCFG=1,-1200\r\nAT+CIPSNTPTIME?\r\nAT+CIPDNS=1,\"1.1.1.1\"\r\nAT+CIPTCPOPT=5,,,\r\n", strings.Repeat("A", 600) + "\r\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		chip := espat.New(espat.Config{BootTime: -1, BootNoise: []byte{}})
		defer chip.Stop()
		r := &rig{T: t, Chip: chip, uart: chip.Port()}
		r.until("ready\r\n")
		r.write(text)
		r.write("\r\n")
		for begin := time.Now(); ; {
			r.got = ""
			r.write("AT\r\n")
			for r.more(10 * time.Millisecond) {
			}
			if strings.Contains(r.got, ok) {
				return
			}
			if time.Since(begin) > 10*time.Second {
				t.Fatalf("it says %q", r.got)
			}
		}
	})
}
