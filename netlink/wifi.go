package netlink

import "context"

// AuthTypeOther is the protection of an access point that is none of the
// AuthTypes, such as WEP or WPA3. It is only ever found, not asked for.
const AuthTypeOther = -1

// An AccessPoint is what a scan found.
type AccessPoint struct {
	SSID    string // "" of one that hides it
	BSSID   [6]byte
	Channel int
	RSSI    int // dBm
	Auth    AuthType
}

// A Scanner looks for WiFi networks. The device may be connected to one.
type Scanner interface {
	Scan(ctx context.Context) ([]AccessPoint, error)
}

// A SignalMeter tells how strongly a device receives its access point.
type SignalMeter interface {
	RSSI() (int, error) // dBm
}

// A Versioner tells the version of what runs in the device.
type Versioner interface {
	Firmware() (string, error)
}
