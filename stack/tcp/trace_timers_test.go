package tcp_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack/tcp"
)

func mtu(n int) func(netip.Addr) int { return func(netip.Addr) int { return n } }

var keepAlive = tcp.KeepAlive{On: true, Idle: 10 * time.Second, Interval: 2 * time.Second, Count: 3}

// RFC 9293 §3.8.4: a probe has SND.NXT-1 and no data, or a byte of garbage.
func TestKeepAliveAsksAnIdlePeer(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{KeepAlive: keepAlive}, plain, 0)
	s.after(10*time.Second, ". 0:0 ack 1")
	s.in(". 1:1 ack 1")
	s.after(10*time.Second, ". 0:0 ack 1")
	s.pass(time.Second)
	s.in(". 1:101 ack 1") // anything is a sign of life
	s.reads(100)
	s.until(50*ms, ". 1:1 ack 101")
	s.pass(9900 * ms)
	s.until(200*ms, ". 0:0 ack 101")
	if s.e.Counters.KeepAlives != 3 {
		t.Errorf("KeepAlives = %d", s.e.Counters.KeepAlives)
	}
}

func TestKeepAliveEndsADeadConnection(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{KeepAlive: keepAlive}, plain, 0)
	s.after(10*time.Second, ". 0:0 ack 1")
	s.after(2*time.Second, ". 0:0 ack 1")
	s.after(2*time.Second, ". 0:0 ack 1")
	s.pass(1900 * ms)
	s.state(tcp.StateEstablished)
	s.pass0(200 * ms)
	s.ends(netdev.ErrConnTimedOut)
	if c, _ := s.e.Woken(); c != s.c {
		t.Error("not woken")
	}
}

func TestKeepAliveOfAnUnansweredPeerIsTheRetransmissions(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{KeepAlive: keepAlive}, plain, 100*ms)
	s.pass(9900 * ms)
	s.write(10)
	s.out(". 1:11 ack 1")
	s.after(300*ms, ". 1:11 ack 1")
	s.in(". 1:1 ack 11")
	s.pass(9 * time.Second)
	s.until(1500*ms, ". 10:10 ack 1")
}

func TestKeepAliveSetLater(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{}, plain, 0)
	s.pass(time.Hour)
	s.c.SetOptions(s.now, tcp.Options{KeepAlive: keepAlive})
	s.until(10*time.Second, ". 0:0 ack 1")
	s.in(". 1:1 ack 1")
	s.c.SetOptions(s.now, tcp.Options{})
	s.pass(time.Hour)
}

func TestKeepAliveOfThePeerIsAnswered(t *testing.T) {
	s := open(t)
	s.in(". 0:0 ack 1")
	s.out(". 1:1 ack 1")
	s.in(". 0:1 ack 1")
	s.out(". 1:1 ack 1")
	s.holds(0)
}

func TestNothingIsSentWithoutKeepAlive(t *testing.T) {
	s := open(t)
	s.pass(30 * 24 * time.Hour)
	s.state(tcp.StateEstablished)
	if dl := s.e.Deadline(); dl != 0 {
		t.Errorf("Deadline() = %v for an idle connection", dl)
	}
}

// RFC 9293 §3.8.3, and RFC 5482 for the time.
func TestUserTimeoutEndsAConnection(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{UserTimeout: 5 * time.Second}, plain, 100*ms)
	s.pass(time.Hour) // idle is not unacknowledged
	s.write(10)
	s.out(". 1:11 ack 1")
	s.pass0(4900 * ms)
	s.state(tcp.StateEstablished)
	s.pass0(3 * time.Second)
	s.ends(netdev.ErrConnTimedOut)
	s.close()
	s.gone()
}

func TestUserTimeoutBeginsAnewWithProgress(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{UserTimeout: 5 * time.Second}, plain, 100*ms)
	for i := range 10 {
		s.write(10)
		s.pass0(4500 * ms)
		s.state(tcp.StateEstablished)
		s.in(text(". 1:1 ack %d", 11+10*i))
	}
}

func TestConnectionIsGivenUp(t *testing.T) {
	s := established(t, tcp.Config{GiveUp: 20 * time.Second}, tcp.Options{}, plain, 100*ms)
	s.write(10)
	s.pass0(19 * time.Second)
	s.state(tcp.StateEstablished)
	s.pass0(30 * time.Second)
	s.ends(netdev.ErrConnTimedOut)
	if s.e.Counters.AbortOnTimeout != 1 {
		t.Errorf("AbortOnTimeout = %d", s.e.Counters.AbortOnTimeout)
	}
}

func TestOrphanIsGivenUp(t *testing.T) {
	s := established(t, tcp.Config{GiveUp: 20 * time.Second}, tcp.Options{}, plain, 100*ms)
	s.write(10)
	s.out(". 1:11 ack 1")
	s.close()
	s.out("F. 11:11 ack 1")
	s.pass0(3 * time.Minute)
	s.gone()
	if n := s.pool.InUse(); n != 0 {
		t.Errorf("%d blocks in use", n)
	}
}

func TestTimeWaitOfConfig(t *testing.T) {
	s := established(t, tcp.Config{TimeWait: 4 * time.Second}, tcp.Options{}, plain, 0)
	s.close()
	s.out("F. 1:1 ack 1")
	s.in("F. 1:1 ack 2")
	s.out(". 2:2 ack 2")
	s.pass(3900 * ms)
	s.inTimeWait()
	s.pass(200 * ms)
	s.gone()
}

func TestKeepAliveAfterHalfClose(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{KeepAlive: keepAlive}, plain, 0)
	s.closeWrite()
	s.out("F. 1:1 ack 1")
	s.in(". 1:1 ack 2")
	s.state(tcp.StateFinWait2)
	s.after(10*time.Second, ". 1:1 ack 1")
	s.in(". 1:1 ack 2")
	s.after(10*time.Second, ". 1:1 ack 1")
	s.pass0(10 * time.Second)
	s.ends(netdev.ErrConnTimedOut)
}

// RFC 9293 §3.8.4: no less than two hours, unless somebody says so.
func TestKeepAliveByDefault(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{KeepAlive: tcp.KeepAlive{On: true}}, plain, 0)
	s.after(2*time.Hour, ". 0:0 ack 1")
	for range 8 {
		s.after(75*time.Second, ". 0:0 ack 1")
	}
	s.pass(74 * time.Second)
	s.state(tcp.StateEstablished)
	s.pass0(2 * time.Second)
	s.ends(netdev.ErrConnTimedOut)
}

func TestKeepAliveThatChangesBeginsAnew(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{KeepAlive: keepAlive}, plain, 0)
	s.after(10*time.Second, ". 0:0 ack 1")
	s.after(2*time.Second, ". 0:0 ack 1")
	k := keepAlive
	k.Idle = 20 * time.Second
	s.c.SetOptions(s.now, tcp.Options{KeepAlive: k})
	s.until(20*time.Second, ". 0:0 ack 1")
	s.after(2*time.Second, ". 0:0 ack 1")
	s.after(2*time.Second, ". 0:0 ack 1")
	s.pass0(3 * time.Second)
	s.ends(netdev.ErrConnTimedOut)
}

func TestUserTimeoutBoundsAnAttempt(t *testing.T) {
	s := client(t, tcp.Config{}, tcp.Options{UserTimeout: 5 * time.Second})
	s.out("S 0:0")
	s.pass0(4900 * ms)
	s.state(tcp.StateSynSent)
	s.pass0(200 * ms)
	s.ends(netdev.ErrConnTimedOut)
}

// A user timeout also bounds how long probes of an idle peer go on.
func TestUserTimeoutBoundsKeepAlive(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{KeepAlive: keepAlive, UserTimeout: 13 * time.Second}, plain, 0)
	s.after(10*time.Second, ". 0:0 ack 1")
	s.pass0(4100 * ms)
	s.ends(netdev.ErrConnTimedOut)
}
