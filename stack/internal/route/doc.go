// Package route decides where a packet goes next: a table of prefixes with the
// gateway and the interface behind each, in which the longest one that contains
// the destination counts; and which of its addresses a host speaks from.
//
// Nothing here is safe for concurrent use. Looking up allocates nothing.
package route
