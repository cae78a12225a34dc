// Package ether is Ethernet in software: switches, cables and network cards
// inside one process and between processes, with faults that repeat themselves
// and captures of every port.
//
// A Device is a network card, a netlink.FrameDevice for a stack to run on.
// Cable returns two that are joined, Switch.Open one on a learning switch,
// OpenUDP, OpenUnix and OpenPacketConn one whose far end is another process,
// OpenTAP one whose far end is the kernel. Switch.Attach plugs in any frame
// device, and so joins switches: attach an end of a cable to each, or a socket's
// device.
//
// # Who calls whom
//
// Sending a frame runs the network in the sender's goroutine up to the queue of
// each receiver, and returns. A goroutine of the receiving device calls its
// handler. So a handler may send, and no handler is called by a send, but for
// that of a device with Config.Direct, which gives up the copy and the goroutine.
// With an impairment that takes time, a frame waits in the direction and goes on
// in a timer's goroutine. Frames between two devices keep their order unless Reorder
// is set.
//
// # Bounds
//
// A device's queue holds Config.Queue frames. In a full one a frame is dropped
// and counted, or its sender waits for Config.Pause at most. A direction holds
// Impairment.Limit bytes that wait for Rate, and MaxInFlight bytes in all. A
// switch knows SwitchConfig.MaxStations addresses. A capture buffers a few MiB.
// Frames that find the way free cost no allocation.
//
// # Time and chance
//
// Time is that of package time, and nothing polls: inside a testing/synctest
// bubble a network runs in virtual time, with delays that are exact. Each
// direction has its own seed, made of Config.Seed and the device's name, and
// each fault its own random numbers: the same frames at the same times meet the
// same faults, and one fault turned on leaves the others where they were. What
// sockets deliver comes in real time.
//
// # Not supported
//
// Spanning tree, VLANs as separate networks (tags are payload), PAUSE frames on
// the wire, FCS, auto-negotiation and half duplex.
package ether
