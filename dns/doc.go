// Package dns is a stub resolver: it asks recursive name servers for the
// addresses of a name, over the sockets of a device that has no resolver of its
// own.
//
// A [Client] sends each question from a random port with a random id (RFC 5452),
// believes only the answer of the server that it asked to the question that it
// asked, asks again and elsewhere when nothing comes, and asks over TCP what did
// not fit into a datagram (RFC 7766). It offers 1232 bytes with EDNS (RFC 6891),
// follows aliases, and remembers what it heard, that a name does not exist too
// (RFC 2308), within bounds. One question that several callers have at the same
// time is asked once.
//
// The messages are golang.org/x/net/dns/dnsmessage's. Not supported: records
// other than A and AAAA, DNSSEC, DNS over TLS or HTTPS, mDNS, cookies, names
// that are not ASCII.
package dns
