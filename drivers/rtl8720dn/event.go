package rtl8720dn

import "github.com/netdev-go/netdev/drivers/internal/erpc"

// Events of the WiFi driver, by the first byte of what they bring. The firmware's
// compiler decides how many bytes the number has.
const (
	eventDisconnected = 5
	eventGotAddress   = 7
	eventLostAddress  = 8
)

// event is for what the chip says by itself. It comes in the middle of calls, so
// that the chip cannot be asked here.
func (c *chip) event(h erpc.Header, d *erpc.Decoder) {
	if h.Service != serviceCallback || h.Request != eventCallback {
		return
	}
	b := d.Binary()
	if len(b) == 0 {
		return
	}
	switch b[0] {
	case eventDisconnected:
		c.suspect, c.gone = true, true
	case eventGotAddress, eventLostAddress:
		c.suspect = true
	}
}
