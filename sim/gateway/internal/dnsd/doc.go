// Package dnsd is the DNS server of a home router: it knows the names of its own
// network and asks elsewhere for the others.
//
// A Server turns a query into an answer. ServeUDP and ServeTCP run it on sockets
// of one device, and an Upstream asks other servers through those of another.
//
// Not supported: recursion of its own, a cache, zone transfers, DNSSEC, and
// classes other than IN.
package dnsd
