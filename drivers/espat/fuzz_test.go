package espat_test

import (
	"bytes"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
)

// Whatever the module says unasked, nothing of it is data, nothing ends a
// connection that is there, and nothing keeps the driver from its work.
func FuzzNoise(f *testing.F) {
	for _, s := range []string{
		"", "\r\n", "ready\r\n", "4,CLOSED\r\n", "4,CONNECT\r\n", "0,CONNECT\r\n", "\r\n+IPD,4,5\r\n", "+IPD,4,9:half", "+IPD,4,65535:",
		"+CIPRECVDATA:4,\"10.0.0.2\",80,evil\r\nOK\r\n", "WIFI DISCONNECT\r\n", "\r\nbusy p...\r\n", "\r\nOK\r\n\r\n>", "\xff\x00\x80",
		"\r\nERROR\r\n", "ERROR\r\n0", "+CIPSTATE:4,\"TCP\",\"1.2.3.4\",5,6,1\r\n\r\nOK\r\n", "Will force to restart!!!\r\n", "+CIPMUX:0\r\n\r\nOK\r\n",
	} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, noise []byte, amid bool) {
		if amid && bytes.Contains(noise, []byte("+CIPRECVDATA:")) {
			t.Skip("nothing tells a forged reply from a real one")
		}
		synctest.Test(t, func(t *testing.T) {
			m := newModule()
			dev := connected(t, m)
			fd := dialled(t, dev)
			if amid {
				// In front of a reply, too.
				once := true
				m.do(func() {
					m.on["AT+CIPRECVDATA="] = func(string) string {
						if once {
							once = false
							m.out.Write(noise)
						}
						return ""
					}
				})
			} else {
				m.say(string(noise))
				synctest.Wait()
			}
			m.arrive(4, "data")
			b := make([]byte, 99)
			for got := ""; got != "data"; {
				n, err := dev.Recv(fd, b, 0, time.Now().Add(time.Minute))
				if errors.Is(err, netdev.ErrConnReset) && got == "" {
					break // the reply was beyond repair
				}
				if got += string(b[:n]); err != nil || len(got) > 4 || got != "data"[:len(got)] {
					t.Fatalf("Recv = %q, %v, after %q", b[:n], err, got)
				}
			}
			dev.Close(fd)
			synctest.Wait()
			dev.Close(dialled(t, dev))
		})
	})
}
