package neighbour

// State is what is known of a neighbour, in the names of RFC 4861 §7.3.2.
type State uint8

const (
	// None is for an address that is not in the cache.
	None State = iota
	// Incomplete is being asked for.
	Incomplete
	// failed has not answered, and some packets are still to be given back.
	failed
	// Reachable was confirmed lately.
	Reachable
	// Stale was not, and will have to be as soon as it is used.
	Stale
	// Delay has been used since, and waits for an upper layer to confirm it.
	Delay
	// Probe is asked whether it is still there.
	Probe
)

// String returns the state's name as the RFC spells it.
func (s State) String() string {
	switch s {
	case None:
		return "NONE"
	case Incomplete:
		return "INCOMPLETE"
	case failed:
		return "FAILED"
	case Reachable:
		return "REACHABLE"
	case Stale:
		return "STALE"
	case Delay:
		return "DELAY"
	case Probe:
		return "PROBE"
	}
	return "unknown"
}
