// Package reassembly keeps what came out of order until what is missing before it
// comes, and knows the SACK blocks that tell the sender about it (RFC 2018), with
// those for data that came twice (RFC 2883).
//
// A connection has a [Queue], which holds memory only while it holds data: runs of
// adjacent bytes, each a chain of blocks. Where bytes come more than once the first
// copy stays. All queues of a stack take their memory from one [Pool].
//
// How much a peer can make a queue hold is bounded by the limit that [Queue.Add] is
// given, however small its segments are, and by the pool, of which some blocks stay
// free for the data that closes the gaps.
package reassembly
