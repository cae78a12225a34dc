package tcp

import (
	"net/netip"
	"time"
)

// A Listener takes connections. It belongs to the owner until Close.
type Listener struct {
	// Owner is for the owner to find its socket by.
	Owner int32
}

// Local returns what it listens on.
func (l *Listener) Local() netip.AddrPort { return netip.AddrPort{} }

// Ready tells whether Accept has a connection.
func (l *Listener) Ready() bool { return false }

// Accept returns the next connection that is established, or, from a deferred
// Listener, whose SYN has come; nil if none waits. One that the peer has reset
// meanwhile is not given out.
func (l *Listener) Accept(now time.Duration) *Conn { return nil }

// SetBacklog changes how many connections may wait for Accept.
func (l *Listener) SetBacklog(backlog int) {}

// SetOptions changes what later connections begin with.
func (l *Listener) SetOptions(o Options) {}

// Close ends the Listener and resets the connections that wait.
func (l *Listener) Close(now time.Duration) {}
