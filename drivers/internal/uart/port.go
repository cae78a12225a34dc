package uart

import (
	"io"
	"time"
)

// A Port is a UART. TinyGo's machine.UART is one, and so is an adapter of a
// serial port of a host.
//
// Read is only asked for what Buffered says is there.
type Port interface {
	io.ReadWriter
	Buffered() int
}

// A Waiter is a [Port] that wakes who waits for it. Where a port is none, its
// Buffered is asked again and again.
type Waiter interface {
	// WaitReadable returns when Buffered may be positive, or when d has passed;
	// a negative d is without end. It may return for nothing.
	WaitReadable(d time.Duration)

	// Interrupt ends the WaitReadable that is under way, or else the next one.
	Interrupt()
}
