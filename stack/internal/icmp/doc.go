// Package icmp has the rules about errors of ICMP: which packets one may be sent
// about (RFC 1122 §3.2.2, RFC 1812 §4.3.2.7), what a received one means to the
// socket that sent the packet, and how long the packets on a path may be (RFC
// 1191).
//
// That an error is about something that was really sent is for the protocols to
// check (RFC 5927), before anything here is believed.
package icmp
