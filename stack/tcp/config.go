package tcp

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/stack/tcp/congestion"
)

// Config is what an Engine is made from. Pool and Rand are required; the zero value
// of each other field stands for what its comment says.
type Config struct {
	Pool *block.Pool   // where all data waits that is not acknowledged or not read
	Rand func() uint64 // unpredictable to peers: secrets come from it

	MaxConns    int // connections, half-open ones included and those in TIME-WAIT mostly not: 16384
	MaxHalfOpen int // in SYN-RECEIVED; beyond it SYN cookies go out: 256
	// MaxTimeWait is how many may be in TIME-WAIT; beyond it the oldest goes: 4096.
	// Below 0 they are among MaxConns, and give way to new ones.
	MaxTimeWait int
	MaxAnswers  int // segments without a connection that wait for Output: 64

	SendBuffer, RecvBuffer       int // what a connection begins with: 64 KiB, 128 KiB
	MaxSendBuffer, MaxRecvBuffer int // what it may grow to, or be set to: 4 MiB each

	// MTU returns the path MTU to dst, IP header included. Nil stands for 1500. It is
	// asked when a connection is made; what ICMP says later comes by Unreachable.
	MTU func(dst netip.Addr) int

	Congestion congestion.Algorithm // CUBIC

	TimeWait   time.Duration // 2 MSL: 60 s
	FinWait2   time.Duration // how long a closed connection waits for the peer's FIN: 60 s
	DelayedACK time.Duration // 40 ms
	MinRTO     time.Duration // 200 ms
	MaxRTO     time.Duration // 120 s
	SYNTimeout time.Duration // how long Dial tries, and SYN-RECEIVED lasts: 75 s
	GiveUp     time.Duration // R2 of RFC 9293 §3.8.3: data unacknowledged for this long ends it: 15 min

	Challenges int // challenge ACKs a second, over all connections: 100
	Records    int // most send records of one connection: as many as its window needs
}

func (c *Config) setDefaults() {
	def(&c.MaxConns, 16384)
	def(&c.MaxHalfOpen, 256)
	if c.MaxTimeWait == 0 {
		c.MaxTimeWait = 4096
	}
	def(&c.MaxAnswers, 64)
	def(&c.SendBuffer, 64<<10)
	def(&c.RecvBuffer, 128<<10)
	def(&c.MaxSendBuffer, max(c.SendBuffer, 4<<20))
	def(&c.MaxRecvBuffer, max(c.RecvBuffer, 4<<20))
	def(&c.TimeWait, 60*time.Second)
	def(&c.FinWait2, 60*time.Second)
	def(&c.DelayedACK, 40*time.Millisecond)
	def(&c.MinRTO, 200*time.Millisecond)
	def(&c.MaxRTO, 120*time.Second)
	def(&c.SYNTimeout, 75*time.Second)
	def(&c.GiveUp, 15*time.Minute)
	def(&c.Challenges, 100)
	if c.MTU == nil {
		c.MTU = func(netip.Addr) int { return 1500 }
	}
	if c.Congestion == nil {
		c.Congestion = congestion.Cubic
	}
}

func def[T int | time.Duration](field *T, value T) {
	if *field <= 0 {
		*field = value
	}
}

// Options are the settings of a connection. An accepted one has those of its
// Listener. The zero value is the default of each.
type Options struct {
	TTL, TOS uint8
	NoDelay  bool // no Nagle
	// LingerOn makes Close wait at most Linger for its data and FIN to be
	// acknowledged before it resets; with a Linger of 0 it resets at once.
	LingerOn bool
	// Deferred is for a Listener: connections are accepted unanswered, see [Conn.Open].
	Deferred    bool
	MaxSeg      uint16 // upper bound of the MSS, both ways; 0: none
	KeepAlive   KeepAlive
	UserTimeout time.Duration // ends the connection if data stays unacknowledged that long; 0: Config.GiveUp
	SendBuffer  int           // fixed size; 0: grows from Config.SendBuffer
	RecvBuffer  int           // fixed size; 0: grows from Config.RecvBuffer
	Linger      time.Duration
	Congestion  congestion.Algorithm // nil: that of Config
}

// KeepAlive says when an idle peer is asked for a sign of life: after Idle, then
// each Interval, and Count times in vain end the connection.
type KeepAlive struct {
	On             bool
	Idle, Interval time.Duration // 0: 2 h and 75 s
	Count          int           // 0: 9
}
