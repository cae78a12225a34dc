package tcp_test

import (
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack/tcp"
)

// open returns an established connection whose round trip is 100 ms, with a peer that
// speaks no extension.
func open(t *testing.T) *script {
	t.Helper()
	return established(t, tcp.Config{}, tcp.Options{NoDelay: true}, plain, 100*ms)
}

func TestActiveClose(t *testing.T) {
	s := open(t)
	s.closeWrite()
	s.out("F. 1:1 ack 1")
	s.state(tcp.StateFinWait1)
	s.in(". 1:1 ack 2")
	s.state(tcp.StateFinWait2)
	s.in("F. 1:1 ack 2")
	s.out(". 2:2 ack 2")
	if !s.c.EOF() || s.c.Err() != nil {
		t.Errorf("EOF %v, Err %v", s.c.EOF(), s.c.Err())
	}
	if s.c.Ready()&netdev.PollHup == 0 {
		t.Errorf("Ready() = %#x with both directions ended", s.c.Ready())
	}
	s.close()
	s.inTimeWait()
	s.pass(59 * time.Second)
	s.inTimeWait()
	s.pass(2 * time.Second)
	s.gone()
}

func TestPassiveClose(t *testing.T) {
	s := open(t)
	s.in("F. 1:1 ack 1")
	s.out(". 1:1 ack 2")
	s.state(tcp.StateCloseWait)
	if !s.c.EOF() || s.c.Ready()&netdev.PollIn == 0 {
		t.Errorf("EOF %v, Ready() = %#x", s.c.EOF(), s.c.Ready())
	}
	s.write(10)
	s.out(". 1:11 ack 2")
	s.closeWrite()
	s.out("F. 11:11 ack 2")
	s.state(tcp.StateLastAck)
	s.in(". 2:2 ack 11")
	s.state(tcp.StateLastAck)
	s.in(". 2:2 ack 12")
	s.ends(nil)
	s.close()
	s.gone()
}

// RFC 9293 §3.6, figure 13.
func TestSimultaneousClose(t *testing.T) {
	s := open(t)
	s.closeWrite()
	s.out("F. 1:1 ack 1")
	s.in("F. 1:1 ack 1")
	s.out(". 2:2 ack 2")
	s.state(tcp.StateClosing)
	s.in(". 2:2 ack 2")
	s.close()
	s.inTimeWait()
}

func TestFINThatAcknowledgesOurs(t *testing.T) {
	s := open(t)
	s.close()
	s.out("F. 1:1 ack 1")
	s.in("F. 1:1 ack 2")
	s.out(". 2:2 ack 2")
	s.inTimeWait()
}

func TestHalfCloseStillReceives(t *testing.T) {
	s := open(t)
	s.closeWrite()
	s.out("F. 1:1 ack 1")
	if n := s.c.Write(s.now, []byte("late")); n != 0 {
		t.Errorf("Write after CloseWrite took %d", n)
	}
	s.in(". 1:1 ack 2")
	s.pass(time.Hour) // the owner still has it, so nothing ends it
	s.in(". 1:501 ack 2")
	s.until(50*ms, ". 2:2 ack 501")
	s.in("F. 501:601 ack 2")
	s.out(". 2:2 ack 602")
	s.reads(600)
	if !s.c.EOF() {
		t.Error("no EOF")
	}
}

func TestFINGoesWithTheLastData(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{}, plain, 100*ms)
	s.write(100)
	s.out(". 1:101 ack 1")
	s.write(100) // Nagle holds it
	s.closeWrite()
	s.out("F. 101:201 ack 1")
	s.in(". 1:1 ack 202")
	s.state(tcp.StateFinWait2)
}

func TestFINWaitsForTheWindow(t *testing.T) {
	s := open(t)
	s.in(". 1:1 ack 1 win 1000")
	s.write(1500)
	s.out(". 1:1001 ack 1")
	s.closeWrite()
	s.state(tcp.StateFinWait1)
	s.in(". 1:1 ack 1001 win 1000")
	s.out("F. 1001:1501 ack 1")
}

func TestFINWithData(t *testing.T) {
	s := open(t)
	s.in("FP. 1:101 ack 1")
	s.out(". 1:1 ack 102")
	s.state(tcp.StateCloseWait)
	if s.c.EOF() {
		t.Error("EOF before the data was read")
	}
	s.reads(100)
	if !s.c.EOF() {
		t.Error("no EOF")
	}
}

func TestFINOutOfOrder(t *testing.T) {
	s := open(t)
	s.in("F. 101:201 ack 1")
	s.out(". 1:1 ack 1")
	s.state(tcp.StateEstablished)
	s.in(". 1:101 ack 1")
	s.out(". 1:1 ack 202")
	s.state(tcp.StateCloseWait)
	s.reads(200)
}

// A FIN alone takes up a sequence number and no memory.
func TestLoneFINOutOfOrder(t *testing.T) {
	s := open(t)
	s.in("F. 101:101 ack 1")
	s.out(". 1:1 ack 1")
	s.state(tcp.StateEstablished)
	s.in(". 1:101 ack 1")
	s.pump()
	if len(s.sent) > 0 && s.text(&s.sent[0]) != "" {
		s.sent = nil // that it was kept, or will come again, is both right
	}
	s.in("F. 101:101 ack 1")
	s.out(". 1:1 ack 102")
	s.state(tcp.StateCloseWait)
	s.reads(100)
}

func TestDataBehindAFINIsNotTaken(t *testing.T) {
	s := open(t)
	s.in("F. 1:101 ack 1")
	s.out(". 1:1 ack 102")
	s.in(". 102:202 ack 1")
	s.pump()
	s.sent = nil
	s.holds(100)
	s.reads(100)
	if !s.c.EOF() {
		t.Error("no EOF")
	}
}

func TestFINThatComesAgainIsAcknowledgedAgain(t *testing.T) {
	s := open(t)
	s.in("F. 1:1 ack 1")
	s.out(". 1:1 ack 2")
	s.in("F. 1:1 ack 1")
	s.out(". 1:1 ack 2")
	s.close()
	s.out("F. 1:1 ack 2")
	s.in("F. 1:1 ack 1")
	s.out(". 2:2 ack 2")
}

func TestFINIsSentAgain(t *testing.T) {
	s := open(t)
	s.closeWrite()
	s.out("F. 1:1 ack 1")
	s.after(300*ms, "F. 1:1 ack 1")
	s.after(600*ms, "F. 1:1 ack 1")
	s.in(". 1:1 ack 2")
	s.state(tcp.StateFinWait2)
}

func TestFINInTimeWaitIsAcknowledgedAndBeginsItAnew(t *testing.T) {
	s := open(t)
	s.close()
	s.out("F. 1:1 ack 1")
	s.in("F. 1:1 ack 2")
	s.out(". 2:2 ack 2")
	s.pass(50 * time.Second)
	s.in("F. 1:1 ack 2")
	s.out(". 2:2 ack 2")
	s.pass(59 * time.Second)
	s.inTimeWait()
	s.pass(2 * time.Second)
	s.gone()
}

// RFC 9293 §3.6.1, MUST-13 and SHLD-3 of RFC 1122: the peer learns that its data is lost.
func TestCloseWithUnreadDataResets(t *testing.T) {
	s := open(t)
	s.in(". 1:101 ack 1")
	s.close()
	s.outAny("R. 1:1 ack 101", "R 1:1")
	s.gone()
	if s.e.Counters.AbortOnClose != 1 {
		t.Errorf("AbortOnClose = %d", s.e.Counters.AbortOnClose)
	}
}

func TestDataForAClosedConnectionResets(t *testing.T) {
	for _, acked := range []bool{false, true} {
		s := open(t)
		s.close()
		s.out("F. 1:1 ack 1")
		if acked {
			s.in(". 1:1 ack 2")
		}
		s.in(". 1:101 ack 2")
		s.outAny("R. 2:2 ack 1", "R. 2:2 ack 101", "R 2:2")
		s.gone()
		if s.e.Counters.AbortOnData != 1 {
			t.Errorf("AbortOnData = %d", s.e.Counters.AbortOnData)
		}
	}
}

func TestAbortResets(t *testing.T) {
	s := open(t)
	s.write(100)
	s.out(". 1:101 ack 1")
	s.abort()
	s.outAny("R. 101:101 ack 1", "R 101:101")
	s.gone()
	s.in(". 1:1 ack 101")
	s.out("R 101:101")
}

func TestCloseWhileConnecting(t *testing.T) {
	s := client(t, tcp.Config{}, tcp.Options{})
	s.out("S 0:0")
	s.close()
	s.gone()
	s.in("S. 0:0 ack 1 " + plain)
	s.out("R 1:1")
}

func TestOrphanStillDelivers(t *testing.T) {
	s := open(t)
	s.write(3000)
	s.out(". 1:1001 ack 1", ". 1001:2001 ack 1", ". 2001:3001 ack 1")
	s.close()
	s.out("F. 3001:3001 ack 1")
	s.after(300*ms, ". 1:1001 ack 1")
	s.in(". 1:1 ack 3001")
	s.until(2*time.Second, "F. 3001:3001 ack 1")
	s.in("F. 1:1 ack 3002")
	s.out(". 3002:3002 ack 2")
	s.inTimeWait()
}

func TestLingerOfZeroResets(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{LingerOn: true}, plain, 0)
	s.close()
	s.outAny("R. 1:1 ack 1", "R 1:1")
	s.gone()
}

func TestLingerEndsInAReset(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{LingerOn: true, Linger: 200 * ms}, plain, 100*ms)
	s.write(10)
	s.out(". 1:11 ack 1")
	s.close()
	s.out("F. 11:11 ack 1")
	s.pass(199 * ms)
	s.pump()
	for limit := s.now + 2*ms; len(s.sent) == 0 && s.step(limit); {
	}
	s.outAny("R. 12:12 ack 1", "R 12:12", "R. 11:11 ack 1", "R 11:11")
	s.gone()
}

func TestLingerIsOverWhenAllIsAcknowledged(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{LingerOn: true, Linger: 200 * ms}, plain, 100*ms)
	s.close()
	s.out("F. 1:1 ack 1")
	s.in(". 1:1 ack 2")
	s.pass(10 * time.Second)
	s.in("F. 1:1 ack 2")
	s.out(". 2:2 ack 2")
	s.inTimeWait()
}

func TestOrphanInFINWAIT2IsGivenUp(t *testing.T) {
	s := established(t, tcp.Config{FinWait2: 10 * time.Second}, tcp.Options{}, plain, 0)
	s.close()
	s.out("F. 1:1 ack 1")
	s.in(". 1:1 ack 2")
	s.pass(9 * time.Second)
	if n, _, _ := s.e.Len(); n != 1 {
		t.Fatalf("%d connections before the time", n)
	}
	s.pass(2 * time.Second)
	s.gone()
}

func TestCloseReadDropsWhatComes(t *testing.T) {
	s := open(t)
	s.in(". 1:101 ack 1")
	s.c.CloseRead(s.now)
	if n := s.c.Read(s.now, make([]byte, 10)); n != 0 || !s.c.EOF() {
		t.Errorf("Read = %d, EOF %v after CloseRead", n, s.c.EOF())
	}
	s.write(10)
	s.out(". 1:11 ack 101")
}

// timeWait returns a connection in TIME-WAIT, entered after data up to 1001 came.
func timeWait(t *testing.T, options string) *script {
	t.Helper()
	s := established(t, tcp.Config{}, tcp.Options{}, options, 10*ms)
	s.in(". 1:1001 ack 1")
	s.sent = nil
	s.reads(1000)
	s.close()
	s.out("F. 1:1 ack 1001")
	s.in("F. 1001:1001 ack 2")
	s.out(". 2:2 ack 1002")
	s.inTimeWait()
	return s
}

// RFC 9293 §3.6.1, MAY-2, and RFC 6191.
func TestNewSYNEndsTimeWait(t *testing.T) {
	for name, c := range map[string]struct{ first, second string }{
		"higher number":   {plain, "S 5000:5000 " + plain},
		"newer timestamp": {"<mss 1000,ts 1 0>", "S 1:1 <mss 1000,ts 3601010 0>"},
	} {
		t.Run(name, func(t *testing.T) {
			s := timeWait(t, c.first)
			iss := s.iss
			s.pass(time.Second)
			s.in(c.second)
			if len(s.sent) != 1 || s.sent[0].h.Flags != 0x12 {
				t.Fatalf("no SYN-ACK for a new SYN but %v", s.sent)
			}
			if d := s.iss.Diff(iss); d <= 1 {
				t.Errorf("the new ISS is %d behind the old one", d)
			}
			l := parseLine(c.second)
			s.irs, s.sent = s.irs.Add(number(l.seq)), nil
			s.in(". 1:1 ack 1")
			s.accept()
			if conns, _, tw := s.e.Len(); conns != 1 || tw != 0 {
				t.Errorf("%d connections, %d in TIME-WAIT", conns, tw)
			}
		})
	}
}

func TestOldSYNDoesNotEndTimeWait(t *testing.T) {
	s := timeWait(t, plain)
	s.in("S 500:500 " + plain)
	s.out(". 2:2 ack 1002")
	s.inTimeWait()
	s.pass(50 * time.Second)
	s.in(". 1:1001 ack 2")
	s.out(". 2:2 ack 1002")
	s.inTimeWait()
	s.pass(11 * time.Second) // only a FIN begins it anew
	s.gone()
}

// RFC 1337: a reset must not cut TIME-WAIT short.
func TestResetDoesNotEndTimeWait(t *testing.T) {
	s := timeWait(t, plain)
	s.in("R 1002:1002")
	s.in("R 900:900")
	s.inTimeWait()
}

func TestDialReplacesTimeWaitWhereThatIsSafe(t *testing.T) {
	s := client(t, tcp.Config{}, tcp.Options{})
	s.out("S 0:0")
	s.in("S. 0:0 ack 1 <mss 1000,ts 5 *>")
	s.out(". 1:1 ack 1")
	s.close()
	s.out("F. 1:1 ack 1")
	s.in("F. 1:1 ack 2")
	s.out(". 2:2 ack 2")
	s.inTimeWait()
	s.pass(2 * time.Second)
	iss, tsVal := s.iss, s.tsVal
	s.dial(tcp.Options{})
	s.out("S 0:0")
	if d := s.iss.Diff(iss); d <= 2 {
		t.Errorf("the new ISS is %d behind the old one", d)
	}
	if s.tsVal-tsVal == 0 || s.tsVal-tsVal > 1<<31 {
		t.Errorf("the timestamp went from %d to %d", tsVal, s.tsVal)
	}
}

func TestTimeWaitIsBounded(t *testing.T) {
	s := server(t, tcp.Config{MaxTimeWait: 3}, tcp.Options{})
	for i := range uint16(5) {
		p := s.peer(80, 41000+i)
		p.l = s.l
		p.handshake(plain, 0)
		p.close()
		p.out("F. 1:1 ack 1")
		p.in("F. 1:1 ack 2")
		p.out(". 2:2 ack 2")
		s.pass(time.Second)
	}
	if conns, _, tw := s.e.Len(); conns != 0 || tw != 3 || s.e.Counters.TimeWaitOverflow != 2 {
		t.Errorf("%d connections, %d in TIME-WAIT, %d overflows", conns, tw, s.e.Counters.TimeWaitOverflow)
	}
	// The oldest have gone: theirs is a segment for no connection.
	s.peers[1].in("F. 1:1 ack 2")
	s.peers[1].out("R 2:2")
	s.peers[5].in("F. 1:1 ack 2")
	s.peers[5].out(". 2:2 ack 2")
}

func TestFailEndsEverythingWithoutAWord(t *testing.T) {
	s := open(t)
	s.write(100)
	s.out(". 1:101 ack 1")
	s.in(". 1:101 ack 1")
	s.e.Fail(s.now, netdev.ErrNetDown)
	s.ends(netdev.ErrNetDown)
	s.pass(time.Hour)
	s.close()
	s.gone()
}

func TestCloseInFINWAIT2IsGivenUp(t *testing.T) {
	s := established(t, tcp.Config{FinWait2: 10 * time.Second}, tcp.Options{}, plain, 0)
	s.closeWrite()
	s.out("F. 1:1 ack 1")
	s.in(". 1:1 ack 2")
	s.pass(time.Minute)
	s.state(tcp.StateFinWait2)
	s.close()
	s.pass(9 * time.Second)
	if n, _, _ := s.e.Len(); n != 1 {
		t.Fatalf("%d connections before the time", n)
	}
	s.pass(2 * time.Second)
	s.gone()
}

func TestDialDoesNotReplaceWhatIsNotSafe(t *testing.T) {
	for name, c := range map[string]struct {
		synack string
		fin    bool
		pass   time.Duration
	}{
		"no timestamps":    {"S. 0:0 ack 1 " + plain, true, time.Second},
		"not in TIME-WAIT": {"S. 0:0 ack 1 <mss 1000,ts 5 *>", false, time.Second},
		"the same tick":    {"S. 0:0 ack 1 <mss 1000,ts 5 *>", true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := client(t, tcp.Config{}, tcp.Options{})
			s.out("S 0:0")
			s.in(c.synack)
			s.out(". 1:1 ack 1")
			s.close()
			s.out("F. 1:1 ack 1")
			if c.fin {
				s.in("F. 1:1 ack 2")
				s.out(". 2:2 ack 2")
			} else {
				s.in(". 1:1 ack 2")
			}
			s.pass(c.pass)
			if _, err := s.e.Dial(s.now, s.local, s.remote, tcp.Options{}); err != netdev.ErrAddrInUse {
				t.Errorf("Dial: %v", err)
			}
		})
	}
}
