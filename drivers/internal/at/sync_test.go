package at_test

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/drivers/internal/at"
	"github.com/netdev-go/netdev/drivers/internal/uart"
)

// The answer to a command that was given up comes while AT is on its way.
func TestSyncIsNotDeceivedByALateReply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, c := dial(nil)
		late := true
		var free time.Time // when the modem has done what it was told
		m.answer = func(m *modem, heard []byte) {
			if !bytes.HasSuffix(heard, []byte("\n")) {
				return
			}
			if late {
				late = false
				m.in.WriteString("\r\nOK\r\n")
			}
			command := string(heard)
			if now := time.Now(); free.Before(now) {
				free = now
			}
			free = free.Add(2 * time.Millisecond)
			time.AfterFunc(time.Until(free), func() {
				if command == "AT+CIPMUX?\r\n" {
					m.say("+CIPMUX:1\r\n")
				}
				m.say("\r\nOK\r\n")
			})
		}
		if err := c.Sync(false, time.Now().Add(5*time.Second)); err != nil {
			t.Fatal(err)
		}
		mux := -1
		c.Command("+CIPMUX?")
		err := c.Exec(time.Second, "+CIPMUX:", func(f at.Fields) bool {
			mux, _ = f.Uint(9)
			return true
		})
		if mux != 1 || err != nil {
			t.Errorf("the next command's reply: %d, %v", mux, err)
		}
	})
}

// A modem that never stops talking is one that does not answer.
func TestAReplyThatNeverEndsIsGivenUp(t *testing.T) {
	for _, babble := range []string{"x", "+IPD,0,1\r\n", "\r\n"} {
		synctest.Test(t, func(t *testing.T) {
			p := &babbler{text: babble}
			c := at.NewConn(uart.New(p))
			c.Heard = func([]byte) bool { return true }
			begin := time.Now()
			c.Command("")
			if err := c.Sync(false, begin.Add(2*time.Second)); err == nil {
				t.Error("Sync = nil")
			}
			if d := time.Since(begin); d > 5*time.Second {
				t.Errorf("%q: after %v", babble, d)
			}
		})
	}
}

// A babbler has always something to say: a byte takes it a tenth of a millisecond.
type babbler struct {
	text string
	at   int
}

func (p *babbler) Write(b []byte) (int, error) { return len(b), nil }
func (p *babbler) Buffered() int               { return 1 }
func (p *babbler) Read(b []byte) (int, error) {
	time.Sleep(100 * time.Microsecond)
	b[0] = p.text[p.at%len(p.text)]
	p.at++
	return 1, nil
}
