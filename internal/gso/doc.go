// Package gso does in software what devices with segmentation offload do: it cuts a TCP
// segment that is longer than a link's frames into such as the link takes.
//
// [Cut] looks at a frame once and returns a [Cutter], whose Next writes one frame
// after the other. It keeps no state beyond that, allocates nothing and never panics
// on what it is given. The frame stays the caller's, and is not changed.
//
// The frame is Ethernet II without a tag, IPv4 (options are repeated) or IPv6 without
// extension headers, TCP without SYN, RST or URG. Its checksums are not looked at;
// those of the frames are computed.
package gso
