package netdevtest

import "github.com/netdev-go/netdev"

// Limited is a device of which some rules cannot be kept, whatever its driver
// does: the chip's firmware has no way to it. Such a rule is tried like any
// other; where it is broken its outcome is [Excused], and the reason stands in
// the report.
type Limited interface {
	// Limits returns why, by the rules' IDs, for a user to read.
	Limits() map[string]string
}

// limit returns why the device cannot keep a rule, "" where it can.
func limit(dev netdev.Netdever, id string) string {
	l, ok := netdev.As[Limited](dev)
	if !ok {
		return ""
	}
	return l.Limits()[id]
}
