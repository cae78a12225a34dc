// Package neighbour knows which hardware address belongs to which protocol
// address on one link, and keeps that true: the neighbour cache of RFC 4861 §7.3,
// for ARP (RFC 826, RFC 1122 §2.3.2) and whatever else asks and answers.
//
// A [Cache] is asked with [Cache.Lookup] for each packet that leaves. What it has
// no answer for is given to [Cache.Wait], which keeps it in block memory. What is
// to be done is pulled from [Cache.Output] until there is no more of it, after
// each Wait, after anything was learned, and when [Cache.Deadline] passes:
// requests to send, packets whose receiver is known now, and packets that nobody
// takes. An address is asked for at most once a second and given up after a few
// tries.
//
// A [Claim] is the other side: it makes sure that nobody else has the address
// that the stack wants or has (RFC 5227).
//
// Neither reads a clock, locks or allocates after it was made.
//
// Not supported are proxies (a reply in somebody else's name is as good as any)
// and any defence against forged answers beyond RFC 5227's.
package neighbour
