package tcp

// Counters count what an Engine has seen. The first group has the names of the
// TCP-MIB (RFC 4022), the second those of Linux's netstat where it has one.
type Counters struct {
	ActiveOpens  uint // Dial
	PassiveOpens uint // SYNs that a Listener took
	AttemptFails uint // connections that ended before they were established
	EstabResets  uint // established connections that ended in a reset
	InSegs       uint // segments received, those in error included
	OutSegs      uint // segments sent, without retransmissions
	RetransSegs  uint // segments sent again
	InErrs       uint // segments that were malformed
	InCsumErrors uint // segments with a wrong checksum
	OutRsts      uint // resets sent

	ListenOverflows  uint // SYNs and last ACKs dropped, the accept queue being full
	ListenDrops      uint // SYNs dropped for any reason
	SyncookiesSent   uint
	SyncookiesRecv   uint
	SyncookiesFailed uint
	DelayedACKs      uint
	HPHits           uint // data segments of the fast path
	HPAcks           uint // pure ACKs of the fast path
	OFOQueue         uint // segments queued out of order
	OFODrop          uint // segments out of order for which there was no memory
	RcvQDrop         uint // segments in order for which there was no memory
	PAWSEstab        uint // segments dropped by PAWS
	TCPChallengeACK  uint
	TCPSYNChallenge  uint // SYNs in a synchronized state
	ACKSkipped       uint // challenge ACKs that the rate limit held back
	TimeWaited       uint // connections that came into TIME-WAIT
	TimeWaitOverflow uint // connections that left TIME-WAIT early for want of room
	TimeWaitRecycled uint // those that a new SYN, or Dial, put an end to
	AbortOnData      uint // resets because nobody was left to read data
	AbortOnClose     uint // resets because Close lost unread data
	AbortOnTimeout   uint // connections given up
	AbortOnLinger    uint
	AbortOnMemory    uint
	Timeouts         uint // RTOs
	LossProbes       uint // TLPs
	FastRecovery     uint // episodes of recovery that ACKs began
	SpuriousRecovery uint // episodes found to be without need
	DSACKRecv        uint
	KeepAlives       uint // probes sent
	WindowProbes     uint // zero window probes sent
	ZeroWindow       uint // times that our own window was announced as 0
	PMTUReduced      uint // times that the path took less than we sent
	AnswersDropped   uint // resets and such for which the ring was full
	NoConns          uint // connections refused at MaxConns
}
