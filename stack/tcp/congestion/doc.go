// Package congestion decides how much a TCP connection may have in flight.
//
// An [Algorithm] makes one [Controller] for each connection. [NewReno] is
// RFC 5681 with RFC 3465's byte counting, [Cubic] is RFC 9438; both leave slow
// start by HyStart++ (RFC 9406). [BBR] is the BBRv3 of draft-ietf-ccwg-bbr, for
// paths that lose data without being full. A Controller knows neither segments nor
// sequence numbers: the connection tells it what was delivered and when data was
// found lost, and asks it for a window in bytes.
//
// How a connection uses one:
//
//   - Init once, before the first segment.
//   - OnAck for each acknowledgement that delivers something, with CwndLimited
//     set where the window, rather than the application or the peer, held the
//     sender back since the last one: no other acknowledgement makes it grow.
//   - OnCongestion when a recovery episode begins, OnRecovered when it is over.
//     In between OnAck (with Recovery set) leaves the window alone: spreading
//     the reduction over a round trip (RFC 6937) is the connection's. After a
//     timeout it grows by slow start also in between.
//   - OnTimeout at each retransmission timeout. Only the first of a row lowers
//     the threshold.
//   - Undo where the newest episode or timeout turns out to have been spurious.
//   - OnIdle before the first segment after a pause.
//   - PacingRate after OnAck and OnIdle: nothing is sent faster.
//
// A Controller that is a [LossObserver], as BBR's are, is also told of each
// segment that is found lost, and reduces its window in recovery by itself.
//
// BBR differs from the draft in this: losses outside of a probe, of which the draft has
// any count, take its short-term bounds down to what was delivered only where a round
// trip has more of them than a probe may cost, two in a hundred, or the peer does not
// SACK, so that it keeps its rate on a path that loses one in a hundred, and yields
// later to a queue that overflows now and then; the pacing margin and the gain of
// ProbeBW_DOWN are added back to those bounds, for they are not the path's; it counts
// neither ECN marks nor offload beyond its send quantum; and a timeout leaves one
// segment for the window, whatever is in flight.
//
// Controllers read no clock and are not safe for concurrent use.
package congestion
