// Package rtt estimates round-trip times and the retransmission timeout of one
// connection by RFC 6298.
//
// For the connection that uses an [Estimator]: Sample with what an
// acknowledgement gave, which ends a back-off; Backoff at each retransmission
// timeout; RTO for the timer. A timeout is at least the smoothed round-trip time
// and the least timeout together, because a peer that delays its ACKs does not
// do so more quickly on a long path.
package rtt
