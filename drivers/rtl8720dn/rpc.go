package rtl8720dn

import (
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/erpc"
)

// Services of the firmware.
const (
	serviceSystem   = 0x01
	serviceWiFi     = 0x0E
	serviceTCPIP    = 0x0F
	serviceLwIP     = 0x10
	serviceCallback = 0x13
)

// Requests of the system.
const (
	sysVersion = 0x01
	sysAck     = 0x02
)

// Requests of the WiFi driver.
const (
	wifiConnect      = 0x01
	wifiDisconnect   = 0x03
	wifiIsConnected  = 0x04
	wifiMAC          = 0x08
	wifiSetCountry   = 0x11
	wifiRSSI         = 0x13
	wifiOn           = 0x1B
	wifiOff          = 0x1C
	wifiStartAP      = 0x26
	wifiLastError    = 0x31
	wifiScanStart    = 0x40
	wifiIsScanning   = 0x41
	wifiScanRecords  = 0x42
	wifiScanNumber   = 0x43
	eventCallback    = 0x01
	modeStation      = 1
	modeAccessPoint  = 2
	defaultInterface = 0
)

// Requests of the adapter.
const (
	tcpipInit        = 0x01
	tcpipGetIP       = 0x07
	tcpipSetIP       = 0x08
	tcpipSetDNS      = 0x09
	tcpipGetDNS      = 0x0A
	tcpipDHCPSStart  = 0x0B
	tcpipDHCPSStop   = 0x0C
	tcpipDHCPCStart  = 0x0D
	tcpipDHCPCStop   = 0x0E
	tcpipSetHostname = 0x0F
)

// Requests of lwIP.
const (
	lwipAccept      = 0x01
	lwipBind        = 0x02
	lwipShutdown    = 0x03
	lwipGetPeerName = 0x04
	lwipGetSockOpt  = 0x06
	lwipSetSockOpt  = 0x07
	lwipClose       = 0x08
	lwipConnect     = 0x09
	lwipListen      = 0x0A
	lwipRecv        = 0x0C
	lwipRecvFrom    = 0x0E
	lwipSend        = 0x0F
	lwipSendTo      = 0x11
	lwipSocket      = 0x12
	lwipFcntl       = 0x17
	lwipErrno       = 0x18
)

// Whether a call may be made again when its outcome is not known.
const (
	once   = false
	repeat = true
)

// errBus is for a call whose outcome is not known, or a chip that is not there.
// Where a connection is concerned its caller says so.
const errBus = Error(1)

// Error is a failure between the device and its chip.
type Error uint8

func (Error) Error() string { return "rtl8720dn: the chip did not answer" }

// Is has it count as a network that is down.
func (Error) Is(target error) bool { return target == netdev.ErrNetDown }

// request begins a call, whose values are to be written to what it returns.
func (c *chip) request(service, request uint8) *erpc.Encoder {
	return c.client.Request(service, request)
}

// call makes the call that request began.
func (c *chip) call(timeout time.Duration, again bool) (*erpc.Decoder, error) {
	if !c.booted {
		return nil, errBus
	}
	d, err := c.client.Call(timeout, again)
	if err == erpc.ErrLost {
		c.crashed()
	}
	c.overhear()
	if err != nil {
		return nil, errBus
	}
	return d, nil
}

// result makes a call whose reply is one number.
func (c *chip) result(timeout time.Duration, again bool) (int, error) {
	d, err := c.call(timeout, again)
	if err != nil {
		return 0, err
	}
	n := int(d.Int32())
	if d.End() != nil {
		return 0, errBus
	}
	return n, nil
}

// lwip makes a call of lwIP that returns a number, or -1 and why.
func (c *chip) lwip(again bool) (int, error) {
	n, err := c.result(c.config.Timeout, again)
	if err == nil && n < 0 {
		err = c.cause()
	}
	return n, err
}

// cause asks why the last call of lwIP failed.
func (c *chip) cause() error {
	c.request(serviceLwIP, lwipErrno)
	n, err := c.result(c.config.Timeout, repeat)
	if err != nil {
		return err
	}
	if n == eBADF {
		// Only what is open here is named: the chip has begun anew by itself.
		c.crashed()
		return errBus
	}
	return errnoError(n)
}

// trust is how many times in a row an answer of nothing is believed once its
// cause was asked for.
const trust = 4

// dry is cause for a call on a socket that is made until there is something: that
// there is nothing is then nearly always why lwIP refused it. A socket that has
// ended says so again.
func (c *chip) dry(id int) error {
	if n := c.empty[id]; n%trust != 0 {
		c.empty[id]++
		return netdev.ErrWouldBlock
	}
	err := c.cause()
	if err == netdev.ErrWouldBlock {
		c.empty[id]++
	}
	return err
}
