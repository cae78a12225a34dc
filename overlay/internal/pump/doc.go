// Package pump gives a device that only blocks the readiness of a
// netdev.Poller: goroutines make the calls that wait, and move what they get
// and are given through bounded buffers.
//
// A connected stream has a goroutine for each direction that was used, with
// [streamBuffer] bytes; a datagram socket one for receiving, with
// [datagramBuffer] bytes; a listener one, which is at most [acceptAhead]
// connections ahead of its Accept. They end with Close, at the latest when the
// call that they are in returns: a call that has a deadline is given one every
// [slice], so that a device which wakes nobody is left too.
package pump

import "time"

const (
	streamBuffer   = 16 << 10
	datagramBuffer = 64 << 10
	acceptAhead    = 4

	// slice is the longest that a goroutine stays in a call of a device that
	// ignores Close.
	slice = 250 * time.Millisecond

	// Close waits up to flushWait for what Send has taken, then leaves it to a
	// goroutine, which gives up after flushLimit.
	flushWait  = time.Second
	flushLimit = 30 * time.Second
)
