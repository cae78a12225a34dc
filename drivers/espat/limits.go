package espat

// Why rules of the contract cannot be kept.
const (
	noReset    = "the firmware says CLOSED for a reset as for a FIN"
	noHalfOpen = "the firmware closes a connection when its peer has"
)

// Limits returns the rules of the contract that no driver of this firmware can
// keep, and why.
func (d *Device) Limits() map[string]string {
	return map[string]string{
		"SEND-11": noHalfOpen,
		"RECV-4":  noReset,
		"GOPT-3":  noReset,
		"POLL-9":  noReset,
	}
}
