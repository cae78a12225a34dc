package dhcp

// State is where a client stands, in the terms of RFC 2131 §4.4.
type State uint8

const (
	// StateStopped is a client that does nothing until Start.
	StateStopped State = iota
	// StateInit waits, after a conflict or a refusal, before it asks again.
	StateInit
	// StateSelecting has sent DHCPDISCOVER.
	StateSelecting
	// StateRequesting has asked for the address that was offered.
	StateRequesting
	// StateRebooting has asked for the address that it had before.
	StateRebooting
	// StateProbing has a lease and waits to hear that nobody else uses the address.
	StateProbing
	// StateBound has a lease.
	StateBound
	// StateRenewing has a lease and asks its server for more time.
	StateRenewing
	// StateRebinding has a lease and asks any server for more time.
	StateRebinding
)

// String returns the state's name, which is RFC 2131's where that has one.
func (s State) String() string {
	switch s {
	case StateStopped:
		return "STOPPED"
	case StateInit:
		return "INIT"
	case StateSelecting:
		return "SELECTING"
	case StateRequesting:
		return "REQUESTING"
	case StateRebooting:
		return "REBOOTING"
	case StateProbing:
		return "PROBING"
	case StateBound:
		return "BOUND"
	case StateRenewing:
		return "RENEWING"
	case StateRebinding:
		return "REBINDING"
	}
	return "unknown"
}

// Event says what became of the lease.
type Event uint8

const (
	// EventNone is no change.
	EventNone Event = iota
	// EventBound is a lease: the first one, or one that is not as before in more than
	// its times.
	EventBound
	// EventLost is that there is no lease any more: it expired, was refused, is in
	// conflict, or Stop, Suspend or Start took it away.
	EventLost
)

// String returns what happened.
func (e Event) String() string {
	switch e {
	case EventNone:
		return "none"
	case EventBound:
		return "bound"
	case EventLost:
		return "lost"
	}
	return "unknown"
}
