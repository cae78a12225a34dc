package broken

import (
	"errors"
	"slices"
	"strings"
)

// Devices returns all broken devices.
func Devices() []Device {
	return slices.Concat(
		socketDevices(),
		bindDevices(),
		connectDevices(),
		acceptDevices(),
		sendDevices(),
		recvDevices(),
		deadlineDevices(),
		closeDevices(),
		concurrencyDevices(),
		nameDevices(),
		errorDevices(),
		optionDevices(),
		packetDevices(),
		sockNameDevices(),
		shutdownDevices(),
		contextDevices(),
		resolveDevices(),
		pollDevices(),
		tlsDevices(),
		listDevices(),
		netDevices(),
		soakDevices(),
	)
}

// breaks is the list of IDs in text.
func breaks(text string) []string { return strings.Fields(text) }

// replace returns to where err is from.
func replace(err, from, to error) error {
	if errors.Is(err, from) {
		return to
	}
	return err
}
