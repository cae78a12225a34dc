//go:build tinygo && arduino_mkrwifi1010

package probe

// A transistor stands in the MKR WiFi 1010's reset line.
const resetInverted = true
