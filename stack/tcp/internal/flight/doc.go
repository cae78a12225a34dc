// Package flight keeps account of what one TCP connection has sent and not seen
// acknowledged, and finds out what of it was lost.
//
// A [Flight] holds a record for each segment in a ring: [Flight.Sent] adds one,
// [Flight.Ack] takes away what is acknowledged and marks what is SACKed.
// [Flight.DetectLoss] marks what RACK (RFC 8985) holds for lost, [Flight.Lost]
// hands that out for retransmission, [Flight.Resent] notes that it was sent.
//
// For the connection that uses one:
//
//   - Sequence numbers follow each other without a gap. SYN and FIN take one
//     each, as on the wire.
//   - On each acceptable ACK: Ack, then the RTT estimator, then DetectLoss. Both
//     are cheap where nothing is SACKed. Recovering says whether an episode is
//     under way: one begins with the first byte marked lost and ends when
//     everything sent before its beginning is acknowledged (Result.Recovered), or
//     turns out to have been for nothing (Result.Spurious, with Recovered).
//     An ACK that ends one may begin the next: OnCongestion of the controller
//     belongs where Recovering was false right before DetectLoss and is true
//     after it, and where Result.ProbeLost is set.
//   - DetectLoss returns when to call it again without an ACK: the reordering
//     timer. The earlier of that and of PTO or RTO is the deadline.
//   - Timeout at the RTO, then send from Lost. It always begins or goes on with an
//     episode; OnTimeout of the controller belongs there.
//   - While Lost returns a range and Pipe is below the window: send the range or
//     its first part, then Resent for exactly what was sent.
//   - Tail loss probe: where Empty is false, Recovering is false, Probing is false
//     and PTO has passed since the last Sent or Ack, send new data (Sent) or the
//     last segment (Last, Resent), then Probed.
//   - AppLimited whenever sending stops for want of data.
//   - Release, when Empty, gives the ring to a Pool: an idle connection then
//     holds just the Flight. Attach takes one from a Pool before Sent; without it
//     Sent makes a new one.
//
// Without SACK from the peer set Options.NoSACK: then three duplicate ACKs and
// partial ones tell of losses (RFC 5681, RFC 6582).
package flight
