package flight

import (
	"time"

	"github.com/netdev-go/netdev/stack/tcp/congestion"
)

// The delivery rate is estimated as draft-cheng-iccrg-delivery-rate-estimation
// does: §3.2 for what is noted of a segment, §3.3 for what its acknowledgement gives.

// restartRate starts the clocks of the estimate where nothing is in the network.
func (f *Flight) restartRate(now time.Duration) {
	if f.Pipe() == 0 {
		f.firstSent, f.deliveredAt = now, now
	}
}

// stamp notes in r that it was sent now.
func (f *Flight) stamp(now time.Duration, r *record) {
	r.sent = now
	r.firstAgo = toTicks(now - f.firstSent)
	r.deliveredAgo = toTicks(now - f.deliveredAt)
	r.delivered = f.delivered
	r.lost = f.lostEver
	r.inFlight = uint32(f.Pipe())
	if f.is(stateAppLimited) {
		r.flags |= flagAppLimited
	}
}

// AppLimited notes that there was nothing more to send though the window was open.
func (f *Flight) AppLimited() {
	f.limitedTill = f.delivered + uint32(f.Pipe())
	f.state |= stateAppLimited
}

// sample computes the rate at the delivery of r, the newest segment of an ACK
// at now. The connection's counts must have that ACK already.
func (f *Flight) sample(now, minRTT time.Duration, r *record, s *congestion.RateSample) {
	sending := r.firstAgo.duration()
	acking := now - r.sent + r.deliveredAgo.duration()
	f.firstSent = r.sent
	s.PriorDelivered = r.delivered
	s.Delivered = int(f.delivered - r.delivered)
	s.Lost = int(f.lostEver - r.lost)
	s.TxInFlight = int(r.inFlight)
	s.AppLimited = r.flags&flagAppLimited != 0
	if interval := max(sending, acking); interval >= minRTT {
		s.Interval = interval
	}
	// An interval below the least RTT is an artefact of reordered or compressed
	// ACKs, and would give too high a rate.
}
