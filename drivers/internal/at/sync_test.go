package at_test

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/drivers/internal/at"
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
