package tcp

import (
	"time"

	"github.com/netdev-go/netdev"
)

// A Conn is one connection. It belongs to the owner from Dial or Accept until Close
// or Abort, and must not be touched after those: the Engine uses it again.
type Conn struct {
	Path
	// Owner is for the owner to find its socket by.
	Owner int32

	e     *Engine
	state State
}

// State returns the state.
func (c *Conn) State() State { return c.state }

// Write takes bytes of p to send, as many as there is room for, and returns how many:
// 0 if there is none, and where nothing can be sent (any more): see Err and State.
func (c *Conn) Write(now time.Duration, p []byte) int { return 0 }

// Read moves received bytes to p and returns how many. It returns 0 if there are
// none; whether there will be more EOF and Err tell.
func (c *Conn) Read(now time.Duration, p []byte) int { return 0 }

// Peek is Read without taking.
func (c *Conn) Peek(p []byte) int { return 0 }

// EOF tells that the peer's FIN, or CloseRead, has ended what there was to read, and
// everything was read.
func (c *Conn) EOF() bool { return false }

// Err returns what ended the connection: ErrConnRefused, ErrConnReset, ErrConnTimedOut,
// ErrHostUnreachable and so on; nil while it lives, and after an orderly end. It stays.
func (c *Conn) Err() error { return nil }

// Buffered returns how many bytes wait to be read.
func (c *Conn) Buffered() int { return 0 }

// Unsent returns how many bytes wait to be acknowledged, sent or not.
func (c *Conn) Unsent() int { return 0 }

// Space returns how many bytes Write would take.
func (c *Conn) Space() int { return 0 }

// Ready returns what the connection is ready for: PollIn for data, the end of it, and
// an error; PollOut for space, and for the outcome of Dial; PollErr for an error;
// PollHup where both directions have ended.
func (c *Conn) Ready() netdev.PollEvents { return 0 }

// CloseWrite sends what was written and then FIN. Later writes take nothing.
func (c *Conn) CloseWrite(now time.Duration) {}

// CloseRead drops what was received, and what will be.
func (c *Conn) CloseRead(now time.Duration) {}

// Close ends the connection in order and gives it to the Engine: what was written is
// sent, then FIN. Unread data makes it a reset (RFC 9293 §3.6.1), as does a linger of 0.
func (c *Conn) Close(now time.Duration) {}

// Abort ends the connection with a reset and gives it to the Engine.
func (c *Conn) Abort(now time.Duration) {}

// Open answers the SYN of a connection that a deferred Listener gave out.
func (c *Conn) Open(now time.Duration) {}

// Refuse answers that SYN with a reset, or with nothing where silent, for an owner
// that says it by ICMP. It gives the connection to the Engine.
func (c *Conn) Refuse(now time.Duration, silent bool) {}

// Options returns the settings.
func (c *Conn) Options() Options { return Options{} }

// SetOptions changes the settings. Deferred is not looked at, and MaxSeg and
// Congestion have an effect only before the handshake.
func (c *Conn) SetOptions(now time.Duration, o Options) {}

// QuickACK makes the next segments be acknowledged at once.
func (c *Conn) QuickACK() {}
