package congestion

import "time"

// An Algorithm makes the Controllers of connections. It holds no state of theirs
// and may be shared. Settings are compared: its type must be one that == takes.
type Algorithm interface {
	// Name returns the name that users select the algorithm by, such as "cubic".
	Name() string
	// New returns a Controller for one connection, to be initialised.
	New() Controller
}

// A Renewer is an [Algorithm] that uses Controllers again.
type Renewer interface {
	// Renew does as New, with the memory of c if that is a Controller of its own. c
	// may be nil.
	Renew(c Controller) Controller
}

// Unlimited is a slow start threshold that is not there.
const Unlimited = 1<<31 - 1

// A Controller is the congestion control of one connection. All sizes are in
// bytes; now and all times are of the connection's monotonic clock.
type Controller interface {
	// Init sets the largest segment and the initial window.
	Init(mss, window int)
	// OnAck takes an acknowledgement that delivered something. It does not keep a.
	OnAck(a *Ack)
	// OnCongestion makes the multiplicative decrease. It is called once in a
	// recovery episode, with what was outstanding when that began: sent and not
	// acknowledged in sequence (FlightSize of RFC 5681).
	OnCongestion(now time.Duration, inFlight int)
	// OnTimeout takes the window to one segment. Timeouts in a row, with nothing
	// delivered in between, lower the threshold once, and not at all within an
	// episode that OnCongestion began. inFlight is as for OnCongestion.
	OnTimeout(now time.Duration, inFlight int)
	// OnRecovered ends the episode that OnCongestion or OnTimeout began.
	OnRecovered(now time.Duration)
	// Undo takes back the newest OnCongestion or OnTimeouts in a row, which were
	// for nothing. A second call for the same ones does nothing.
	Undo()
	// OnIdle is called before sending when nothing was in flight for the time
	// idle (RFC 5681 §4.1).
	OnIdle(now, idle, rto time.Duration)
	// SetMSS changes the size of the largest segment.
	SetMSS(mss int)
	// Window returns the congestion window, at least one segment.
	Window() int
	// Threshold returns the slow start threshold, Unlimited where none has been
	// found yet.
	Threshold() int
	// PacingRate returns the rate to send at in bytes a second, 0 for no pacing.
	PacingRate() uint64
}

// An Ack is what one acknowledgement tells. A duration of 0 is no sample.
type Ack struct {
	Now       time.Duration
	Delivered int // bytes newly acknowledged or SACKed
	InFlight  int // bytes in flight before it
	Left      int // bytes in flight after it, less what it found lost
	RTT       time.Duration
	MinRTT    time.Duration
	SRTT      time.Duration

	// RoundStart is set on the first acknowledgement of data that was sent after
	// the round before had ended.
	RoundStart bool
	// CwndLimited tells that the window was what kept more from being sent.
	CwndLimited bool
	// Recovery tells that a recovery episode is under way after this Ack.
	Recovery bool
	// Lost counts the bytes found lost by this acknowledgement.
	Lost int
	// NoSACK tells that the peer does not SACK, so that no more than one loss shows in
	// a round trip.
	NoSACK bool

	Rate RateSample
}

// A LossObserver is a Controller with a model of the path that every single loss
// counts for. A connection calls OnLost for each segment it finds lost, before the
// OnCongestion, OnTimeout or OnAck that follows from it. In recovery it takes Window as
// it is, and it keeps the Controller for a while where nothing is in flight, calling
// OnIdle before it sends again however short the pause was.
type LossObserver interface {
	Controller
	// OnLost takes a segment that was found lost. It does not keep l.
	OnLost(l *Loss)
}

// A Loss is a segment that was found lost.
type Loss struct {
	Now        time.Duration
	Size       int    // bytes of it
	TxInFlight int    // bytes in flight when it had been sent
	Lost       int    // bytes found lost since then, its own included
	Delivered  uint32 // the connection's count of delivered bytes; it wraps around

	AppLimited bool // the application may be what limited the rate when it was sent
	Adjoins    bool // it follows in sequence on the one found lost before
	NoSACK     bool // the peer does not SACK
}

// A RateSample is an estimate of the rate of delivery, after
// draft-cheng-iccrg-delivery-rate-estimation. Interval 0 is no estimate, and TxInFlight 0
// no sample at all: then only TotalDelivered counts.
type RateSample struct {
	Delivered  int           // bytes delivered in Interval
	Interval   time.Duration // the longer of its sending and its acknowledgement
	Lost       int           // bytes found lost between the sending of the sample's last segment and now
	TxInFlight int           // bytes in flight when that segment had been sent

	// PriorDelivered and TotalDelivered are the connection's count of delivered
	// bytes when the sample's last segment was sent, and now. Both wrap around.
	PriorDelivered uint32
	TotalDelivered uint32

	// AppLimited tells that the application may be what limited the rate.
	AppLimited bool
}
