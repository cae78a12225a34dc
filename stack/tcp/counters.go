package tcp

// Counters count what an Engine has seen. The first group has the names of the
// TCP-MIB (RFC 4022), the second those of Linux's netstat where it has one.
type Counters struct {
	ActiveOpens  uint64 // Dial
	PassiveOpens uint64 // SYNs that a Listener took
	AttemptFails uint64 // connections that ended before they were established
	EstabResets  uint64 // established connections that ended in a reset
	InSegs       uint64 // segments received, those in error included
	OutSegs      uint64 // segments sent, without retransmissions
	RetransSegs  uint64 // segments sent again
	InErrs       uint64 // segments that were malformed
	InCsumErrors uint64 // segments with a wrong checksum
	OutRsts      uint64 // resets sent

	ListenOverflows  uint64 // SYNs and last ACKs dropped, the accept queue being full
	ListenDrops      uint64 // SYNs dropped for any reason
	SyncookiesSent   uint64
	SyncookiesRecv   uint64
	SyncookiesFailed uint64
	DelayedACKs      uint64
	HPHits           uint64 // data segments of the fast path
	HPAcks           uint64 // pure ACKs of the fast path
	OFOQueue         uint64 // segments queued out of order
	OFODrop          uint64 // segments out of order for which there was no memory
	RcvQDrop         uint64 // segments in order for which there was no memory
	PAWSEstab        uint64 // segments dropped by PAWS
	TCPChallengeACK  uint64
	TCPSYNChallenge  uint64 // SYNs in a synchronized state
	ACKSkipped       uint64 // challenge ACKs that the rate limit held back
	TimeWaited       uint64 // connections that came into TIME-WAIT
	TimeWaitOverflow uint64 // connections that left TIME-WAIT early for want of room
	TimeWaitRecycled uint64 // those that a new SYN, or Dial, put an end to
	AbortOnData      uint64 // resets because nobody was left to read data
	AbortOnClose     uint64 // resets because Close lost unread data
	AbortOnTimeout   uint64 // connections given up
	AbortOnLinger    uint64
	AbortOnMemory    uint64
	Timeouts         uint64 // RTOs
	LossProbes       uint64 // TLPs
	FastRecovery     uint64 // episodes of recovery that ACKs began
	SpuriousRecovery uint64 // episodes found to be without need
	DSACKRecv        uint64
	KeepAlives       uint64 // probes sent
	WindowProbes     uint64 // zero window probes sent
	ZeroWindow       uint64 // times that our own window was announced as 0
	PMTUReduced      uint64 // times that the path took less than we sent
	AnswersDropped   uint64 // resets and such for which the ring was full
	NoConns          uint64 // connections refused at MaxConns
}
