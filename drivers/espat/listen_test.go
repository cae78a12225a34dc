package espat_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/netdev-go/netdev"
)

func TestAListenerWhoseReplyIsLostListens(t *testing.T) {
	for _, second := range []string{wrong, "no change\r\n" + ok} {
		synctest.Test(t, func(t *testing.T) {
			m := newModule()
			dev := connected(t, m)
			port := ""
			m.do(func() {
				m.on["AT+CIPSERVER="] = func(args string) string {
					switch {
					case args == "0":
						port = ""
					case port != "":
						return second
					default:
						port = args[len("1,"):]
						return "\r\nO\r\n" // a byte is lost
					}
					return ""
				}
				m.on["AT+CIPSERVER?"] = func(string) string {
					if port == "" {
						return "+CIPSERVER:0\r\n" + ok
					}
					return "+CIPSERVER:1," + port + ",\"TCP\",0\r\n" + ok
				}
			})
			lfd := listening(t, dev, 80)
			m.do(func() {
				m.links[0] = &fakeLink{kind: `"TCP"`, peer: `"10.0.0.9",999`, local: 80, came: 1}
				m.out.WriteString("0,CONNECT\r\n")
			})
			if _, _, err := dev.Accept(lfd); err != nil {
				t.Errorf("Accept = %v", err)
			}
		})
	}
}

// A server that is somewhere else than it was told to be is stopped.
func TestAListenerOnAWrongPortIsEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		dev := connected(t, m)
		stops := 0
		m.do(func() {
			m.on["AT+CIPSERVER=0"] = func(string) string { stops++; return "" }
			m.on["AT+CIPSERVER?"] = func(string) string { return "+CIPSERVER:1,81,\"TCP\",0\r\n" + ok }
		})
		fd, err := dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := dev.Listen(fd, 1); !errors.Is(err, netdev.ErrNoBuffers) || stops == 0 {
			t.Errorf("Listen = %v, and the module was told to stop %d times", err, stops)
		}
	})
}
