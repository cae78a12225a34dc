package tcp_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack/tcp"
)

// A reached is a connection in a state, and what that state's segments are: rcv is
// RCV.NXT, and snd is SND.NXT.
type reached struct {
	name     string
	state    tcp.State
	rcv, snd int
	reach    func(t *testing.T, c tcp.Config) *script
}

func openWith(t *testing.T, c tcp.Config) *script {
	t.Helper()
	return established(t, c, tcp.Options{NoDelay: true}, plain, 100*ms)
}

// synchronized are the states from ESTABLISHED on in which the owner has the Conn.
var synchronized = []reached{
	{"ESTABLISHED", tcp.StateEstablished, 1, 1, openWith},
	{"FIN-WAIT-1", tcp.StateFinWait1, 1, 2, func(t *testing.T, c tcp.Config) *script {
		s := openWith(t, c)
		s.closeWrite()
		s.out("F. 1:1 ack 1")
		return s
	}},
	{"FIN-WAIT-2", tcp.StateFinWait2, 1, 2, func(t *testing.T, c tcp.Config) *script {
		s := openWith(t, c)
		s.closeWrite()
		s.out("F. 1:1 ack 1")
		s.in(". 1:1 ack 2")
		return s
	}},
	{"CLOSE-WAIT", tcp.StateCloseWait, 2, 1, func(t *testing.T, c tcp.Config) *script {
		s := openWith(t, c)
		s.in("F. 1:1 ack 1")
		s.out(". 1:1 ack 2")
		return s
	}},
	{"CLOSING", tcp.StateClosing, 2, 2, func(t *testing.T, c tcp.Config) *script {
		s := openWith(t, c)
		s.closeWrite()
		s.out("F. 1:1 ack 1")
		s.in("F. 1:1 ack 1")
		s.out(". 2:2 ack 2")
		return s
	}},
	{"LAST-ACK", tcp.StateLastAck, 2, 2, func(t *testing.T, c tcp.Config) *script {
		s := openWith(t, c)
		s.in("F. 1:1 ack 1")
		s.out(". 1:1 ack 2")
		s.closeWrite()
		s.out("F. 1:1 ack 2")
		return s
	}},
}

func inEveryState(t *testing.T, c tcp.Config, f func(t *testing.T, s *script, r *reached)) {
	for i := range synchronized {
		r := &synchronized[i]
		t.Run(r.name, func(t *testing.T) {
			s := r.reach(t, c)
			s.state(r.state)
			f(t, s, r)
		})
	}
}

// current is the ACK of the state.
func (r *reached) current() string { return fmt.Sprintf(". %d:%d ack %d", r.snd, r.snd, r.rcv) }

func TestResetEndsTheConnectionInEveryState(t *testing.T) {
	inEveryState(t, tcp.Config{}, func(t *testing.T, s *script, r *reached) {
		s.in(fmt.Sprintf("R %d:%d", r.rcv, r.rcv))
		if r.state == tcp.StateClosing || r.state == tcp.StateLastAck {
			s.state(tcp.StateClosed) // RFC 9293 §3.10.7.4: with nothing left to lose
		} else {
			s.ends(netdev.ErrConnReset)
		}
		if c, _ := s.e.Woken(); c != s.c {
			t.Error("not woken")
		}
		if n := s.c.Write(s.now, []byte{1}); n != 0 {
			t.Errorf("Write took %d", n)
		}
		s.close()
		s.gone()
	})
}

// RFC 5961 §3.2: in the window but not exact is answered by a challenge.
func TestResetThatIsNotExactIsChallenged(t *testing.T) {
	inEveryState(t, tcp.Config{}, func(t *testing.T, s *script, r *reached) {
		s.in(fmt.Sprintf("R %d:%d", r.rcv+1, r.rcv+1))
		s.out(r.current())
		s.in(fmt.Sprintf("R. %d:%d ack %d", r.rcv+1000, r.rcv+1000, r.snd))
		s.out(r.current())
		s.state(r.state)
		if s.e.Counters.TCPChallengeACK != 2 {
			t.Errorf("TCPChallengeACK = %d", s.e.Counters.TCPChallengeACK)
		}
	})
}

func TestResetOutsideTheWindowIsIgnored(t *testing.T) {
	inEveryState(t, tcp.Config{}, func(t *testing.T, s *script, r *reached) {
		s.in(fmt.Sprintf("R %d:%d", r.rcv-1, r.rcv-1))
		s.in("R 10000000:10000000")
		s.in("R. -100000:-100000 ack 1")
		s.state(r.state)
	})
}

// RFC 5961 §4.2: whatever its number, a SYN is answered by a challenge.
func TestSYNIsChallengedInEveryState(t *testing.T) {
	inEveryState(t, tcp.Config{}, func(t *testing.T, s *script, r *reached) {
		for i, seq := range []int{r.rcv, 0, 500, 10000000, -100000} {
			s.in(fmt.Sprintf("S %d:%d %s", seq, seq, plain))
			s.out(r.current())
			s.in(fmt.Sprintf("S. %d:%d ack %d %s", seq, seq, r.snd, plain))
			s.out(r.current())
			if want := uint(2*i + 2); s.e.Counters.TCPSYNChallenge != want {
				t.Errorf("TCPSYNChallenge = %d, want %d", s.e.Counters.TCPSYNChallenge, want)
			}
		}
		s.state(r.state)
	})
}

// RFC 9293 §3.10.7.4, first check.
func TestDataOutsideTheWindowIsAnsweredByAnACK(t *testing.T) {
	inEveryState(t, tcp.Config{}, func(t *testing.T, s *script, r *reached) {
		s.in(fmt.Sprintf(". 10000000:10000010 ack %d", r.snd))
		s.out(r.current())
		s.in(fmt.Sprintf(". %d:%d ack %d", r.rcv-100, r.rcv-50, r.snd-1))
		s.out(r.current())
		if r.state != tcp.StateClosing && r.state != tcp.StateLastAck {
			s.state(r.state)
		}
		s.holds(0)
	})
}

// RFC 9293 §3.10.7.4, fifth check, and RFC 5961 §5.2.
func TestUnacceptableACK(t *testing.T) {
	inEveryState(t, tcp.Config{}, func(t *testing.T, s *script, r *reached) {
		s.in(fmt.Sprintf(". %d:%d ack %d", r.rcv, r.rcv, r.snd+1))
		s.out(r.current())
		s.in(fmt.Sprintf(". %d:%d ack %d", r.rcv, r.rcv+10, r.snd+100000))
		s.out(r.current())
		s.in(fmt.Sprintf(". %d:%d ack %d", r.rcv, r.rcv+10, r.snd-200000))
		s.out(r.current())
		s.state(r.state)
		s.holds(0)
	})
}

func TestSegmentWithoutACKIsDropped(t *testing.T) {
	inEveryState(t, tcp.Config{}, func(t *testing.T, s *script, r *reached) {
		s.in(fmt.Sprintf("- %d:%d", r.rcv, r.rcv+10))
		s.in(fmt.Sprintf("F %d:%d", r.rcv, r.rcv+10))
		s.state(r.state)
		s.holds(0)
	})
}

func TestResetInSYNRECEIVED(t *testing.T) {
	s := server(t, tcp.Config{}, tcp.Options{})
	s.in("S 0:0 " + plain)
	s.out("S. 0:0 ack 1")
	s.in("R 0:0")
	s.in("R 100000000:100000000")
	if n, half, _ := s.e.Len(); n != 1 || half != 1 {
		t.Fatalf("%d connections, %d half-open after a reset out of the window", n, half)
	}
	s.in("R 2:2")
	s.out(". 1:1 ack 1")
	s.in("R 1:1")
	s.gone()
	if s.l.Accept(s.now) != nil {
		t.Error("accepted")
	}
	s.handshake(plain, 0) // the listener goes on
}

func TestResetInSYNRECEIVEDAfterSimultaneousOpen(t *testing.T) {
	s := client(t, tcp.Config{}, tcp.Options{})
	s.out("S 0:0")
	s.in("S 0:0 " + plain)
	s.out("S. 0:0 ack 1")
	s.in("R. 1:1 ack 1")
	s.ends(netdev.ErrConnRefused) // RFC 9293 §3.10.7.4, second check
}

// RFC 5961 §7.
func TestChallengesAreLimited(t *testing.T) {
	s := openWith(t, tcp.Config{Challenges: 3})
	s.pass(5 * time.Second)
	sent := 0
	for i := range 100 {
		s.in(fmt.Sprintf("R %d:%d", 2+i, 2+i))
		sent += len(s.sent)
		s.sent = nil
	}
	if sent != 3 || s.e.Counters.ACKSkipped != 97 {
		t.Errorf("%d challenges in one second, %d skipped", sent, s.e.Counters.ACKSkipped)
	}
	s.pass(time.Second)
	s.in("R 2:2")
	s.out(". 1:1 ack 1")
}

func TestDataIsStillReadAfterAFINAndAReset(t *testing.T) {
	s := open(t)
	s.in(". 1:101 ack 1")
	s.in("R 101:101")
	s.ends(netdev.ErrConnReset)
	if s.c.Ready()&(netdev.PollErr|netdev.PollIn) != netdev.PollErr|netdev.PollIn {
		t.Errorf("Ready() = %#x", s.c.Ready())
	}
	s.close()
	s.gone()
}
