// Package igmp is a host's side of IGMP: it makes known to the routers of a link
// which groups the host is a member of, in version 3 (RFC 3376), and in version 2
// (RFC 2236) or 1 (RFC 1112) as long as an older querier is about.
//
// A [Host] is told of the first join and the last leave of each group by its
// owner, who counts sockets, and is given the queries and reports that come in.
// Messages are pulled from [Host.Output] after each of these, and when
// [Host.Deadline] passes.
//
// Members take a group from all sources: there are no source filters, and a query
// about single sources is answered for the whole group.
//
// Nothing here reads a clock, locks or, once made, allocates.
package igmp
