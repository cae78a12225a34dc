package netlink

//lint:file-ignore ST1005 The texts are those of TinyGo's driver model.

import "errors"

// Errors of NetConnect.
var (
	ErrConnected         = errors.New("Already connected")
	ErrConnectFailed     = errors.New("Connect failed")
	ErrConnectTimeout    = errors.New("Connect timed out")
	ErrMissingSSID       = errors.New("Missing WiFi SSID")
	ErrShortPassphrase   = errors.New("Invalid Wifi Passphrase < 8 chars")
	ErrAuthFailure       = errors.New("Wifi authentication failure")
	ErrAuthTypeNoGood    = errors.New("Wifi authorization type not supported")
	ErrConnectModeNoGood = errors.New("Connect mode not supported")
)

// ErrNotSupported is what a device cannot do. errors.Is finds
// errors.ErrUnsupported in it.
var ErrNotSupported error = unsupported{}

type unsupported struct{}

func (unsupported) Error() string        { return "Not supported" }
func (unsupported) Is(target error) bool { return target == errors.ErrUnsupported }
