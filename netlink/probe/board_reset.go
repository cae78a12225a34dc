//go:build tinygo && ninafw && !arduino_mkrwifi1010

package probe

const resetInverted = false
