package tcp

import "time"

// Info is a look inside a connection.
type Info struct {
	State            State
	MSS              int // of what we send, less options
	RTT, RTTVar, RTO time.Duration
	MinRTT           time.Duration
	Window           int // of congestion
	Threshold        int // of slow start
	PacingRate       uint64
	InFlight         int
	SendWindow       int // the peer's
	RecvWindow       int // ours, as last announced
	SendBuffer       int
	RecvBuffer       int
	Retransmits      int // RTOs in a row
	Timestamps, SACK bool
	SendScale        uint8
	RecvScale        uint8
	Congestion       string
}

// Info returns what there is to know.
func (c *Conn) Info() Info { return Info{State: c.state} }
