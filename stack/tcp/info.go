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
func (c *Conn) Info() Info {
	i := Info{
		State: c.state, MSS: int(c.mss),
		RTT: c.rtt.SRTT(), RTTVar: c.rtt.Var(), RTO: c.rto(), MinRTT: c.rtt.MinRTT(),
		InFlight: c.tx.flight.Pipe(), SendWindow: int(c.sndWnd), RecvWindow: c.rcvEdge.Diff(c.rcvNxt),
		SendBuffer: int(c.sndLimit), RecvBuffer: int(c.rcvLimit), Retransmits: int(c.retries),
		Timestamps: c.is(useTimestamps), SACK: c.is(useSACK), SendScale: c.sndScale, RecvScale: c.rcvScale,
	}
	i.Congestion = c.algorithm().Name()
	i.Window = c.initialWindow()
	if c.sends() {
		i.Window, i.Threshold, i.PacingRate = c.cwnd(), c.tx.congested.Threshold(), c.tx.congested.PacingRate()
	}
	return i
}
