package tcp

// State is the state of a connection, RFC 9293 §3.3.2.
type State uint8

// The states. LISTEN is not among them: that is a [Listener].
const (
	StateClosed State = iota
	StateSynSent
	StateSynReceived
	StateEstablished
	StateFinWait1
	StateFinWait2
	StateCloseWait
	StateClosing
	StateLastAck
	StateTimeWait
)

var stateNames = [...]string{
	"CLOSED", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1",
	"FIN-WAIT-2", "CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT",
}

// String returns the name that RFC 9293 gives the state.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return "UNKNOWN"
}

// synchronized tells whether both ends know each other's sequence numbers.
func (s State) synchronized() bool { return s >= StateEstablished }

// sends tells whether new data may go out in this state.
func (s State) sends() bool { return s == StateEstablished || s == StateCloseWait }

// receives tells whether the peer's data is still to come.
func (s State) receives() bool {
	return s == StateEstablished || s == StateFinWait1 || s == StateFinWait2
}
