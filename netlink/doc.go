// Package netlink is the contract of the link layer: joining a network, losing
// it, and moving Ethernet frames.
//
// A device that can be told to join a network is a [Netlinker]; the names and
// texts are those of TinyGo's driver model. A device that only moves frames is
// a [FrameDevice], on which a TCP/IP stack runs; one that cuts long TCP segments
// into frames, or joins them, is a [SegmentOffloader] or a [LargeReceiver], too, and
// one that moves several frames in a call a [BatchSender] or a [BatchReceiver].
//
// A [Supervisor] keeps a Netlinker connected: back-off, reconnection after a
// loss, and word of it to the application.
package netlink
