// Package tcp is TCP (RFC 9293) as a pure machine: segments and the time go in,
// segments and changes of readiness come out. It has no goroutine, lock, clock or
// callback; an owner such as package stack puts one lock around an [Engine] and
// gives it the time.
//
// Output is pulled. Whatever may cause a segment (Input, Advance, Dial, Write, Read,
// Close and the rest) only notes that there is something to say; the owner then
// calls [Engine.Output] until it has no more segment or the owner no more room. What
// is not pulled waits, so a full device is back-pressure and not loss.
//
// After such calls the owner also asks [Engine.Woken] for the sockets whose readiness
// has changed, and [Engine.Deadline] for when to call [Engine.Advance].
//
// Spoken are: window scale, timestamps and PAWS (RFC 7323), SACK and D-SACK (RFC 2018,
// 2883), RACK-TLP (RFC 8985), PRR (RFC 6937), the RTO of RFC 6298, NewReno, CUBIC and
// BBR with pacing (RFC 5681, 9438, draft-ietf-ccwg-bbr), limited transmit (RFC 3042), an initial window of 10 (RFC 6928),
// Nagle's algorithm as Minshall has it, delayed ACKs, challenge ACKs (RFC 5961), ISNs
// of RFC 6528, SYN cookies, TIME-WAIT with the safe reuse of RFC 6191, path MTU
// discovery (RFC 1191), user timeout (RFC 5482, without its option), and keep-alive.
//
// Not supported: ECN, Fast Open, Multipath TCP, MD5 and TCP-AO. Urgent data is read in
// line with the rest and none is sent (RFC 6093).
package tcp
