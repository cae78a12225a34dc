package netlink

import (
	"net"
	"time"
)

// Event is what a device tells the function given to NetNotify.
type Event int

const (
	EventNetUp   Event = iota // the link is up and has an address
	EventNetDown              // the link is lost
)

func (e Event) String() string {
	switch e {
	case EventNetUp:
		return "up"
	case EventNetDown:
		return "down"
	}
	return "unknown"
}

// ConnectMode is the part a WiFi device plays.
type ConnectMode int

const (
	ConnectModeSTA = iota // join an access point (default)
	ConnectModeAP         // be an access point
)

// AuthType is how a WiFi network is protected.
type AuthType int

const (
	AuthTypeWPA2      = iota // WPA2 (default)
	AuthTypeOpen             // no protection, no passphrase
	AuthTypeWPA              // WPA
	AuthTypeWPA2Mixed        // WPA2 and WPA
)

// DefaultConnectTimeout is used when ConnectParams.ConnectTimeout is zero.
const DefaultConnectTimeout = 10 * time.Second

// ConnectParams say how to connect. Wired devices ignore what is about WiFi.
type ConnectParams struct {
	ConnectMode

	// Ssid names the WiFi network.
	Ssid string

	// Passphrase has 8 characters or more, unless the network is open.
	Passphrase string

	AuthType

	// Country is two letters, such as "DE"; "XX" is world-wide.
	Country string

	// Retries is how many attempts are made before ErrConnectFailed. Zero is
	// without end.
	Retries int

	// ConnectTimeout bounds one attempt. Zero is DefaultConnectTimeout.
	ConnectTimeout time.Duration

	// WatchdogTimeout is how often a device that has to ask its hardware looks
	// for a lost link, to tell EventNetDown and to try to get it back. Zero
	// turns that off.
	WatchdogTimeout time.Duration

	// Hostname is the name that the device gives the DHCP server.
	Hostname string
}

// Netlinker is the link layer of a device: joining a network and leaving it.
// Its methods may be called from any goroutine.
type Netlinker interface {
	// NetConnect connects to a network and returns when it has an address. Of
	// a device that is connected already it returns ErrConnected.
	NetConnect(params *ConnectParams) error

	// NetDisconnect leaves the network, and ends a NetConnect under way.
	NetDisconnect()

	// NetNotify has cb called for each event from now on; nil stops. The
	// device calls cb without a lock, so that cb may call the device.
	NetNotify(cb func(Event))

	// GetHardwareAddr returns the device's MAC address, a copy.
	GetHardwareAddr() (net.HardwareAddr, error)
}

// FrameDevice moves Ethernet frames: what a stack runs on. The shape is the one
// that Go drivers for radios and Ethernet chips already have.
//
// With a handler set, frames arrive there and EthPoll(nil) only pumps the
// device. Without one, EthPoll fills its buffer with one frame.
type FrameDevice interface {
	HardwareAddr6() ([6]byte, error)

	// SendOffsetEthFrame sends frame[off:], off being that of
	// MaxFrameSizeAndOffset: the device needs the room before it. The slice is
	// the caller's again when the call returns.
	SendOffsetEthFrame(frame []byte) error

	// SetEthRecvHandler sets where frames arrive. The slice is the device's:
	// the handler copies what it keeps.
	SetEthRecvHandler(handler func(frame []byte))

	// EthPoll returns where in buf a frame stands; n is 0 when there is none.
	EthPoll(buf []byte) (off, n int, err error)

	// MaxFrameSizeAndOffset returns the longest frame, header included and
	// FCS not, and the room to leave before it.
	MaxFrameSizeAndOffset() (max, off int)
}
