package w5500_test

import (
	"testing"
	"time"

	"github.com/netdev-go/netdev/sim/w5500"
)

func TestINTnFallsOnceAndRisesWhenAllIsCleared(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		falls := make(chan bool, 8)
		r.OnInterrupt(func() { falls <- true })
		r.write(0, simr, 1<<1)
		fd := r.dialQuietly(1)
		<-falls
		r.says(fd, []byte("abc"))
		r.wait("Sn_IR", con|received, func() byte { return r.reg(1, snIR) })
		if r.Interrupt() || r.read(0, sir, 1)[0] != 1<<1 {
			t.Errorf("INTn is high %v, SIR %02X", r.Interrupt(), r.read(0, sir, 1)[0])
		}
		r.write(regs(1), snIR, con)
		if r.Interrupt() || len(falls) != 0 {
			t.Error("one cause is left, but INTn has risen, or fallen again")
		}
		r.write(regs(1), snIR, received)
		if !r.Interrupt() || r.read(0, sir, 1)[0] != 0 {
			t.Error("nothing is left, but INTn is low")
		}
		r.says(fd, []byte("def"))
		<-falls
		if got := r.Stats().Interrupts; got != 2 {
			t.Errorf("INTn fell %d times", got)
		}
	})
}

func TestMasksKeepINTnHigh(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		fd := r.dialQuietly(1)
		r.says(fd, []byte("abc"))
		r.wait("Sn_IR", con|received, func() byte { return r.reg(1, snIR) })
		if !r.Interrupt() {
			t.Error("SIMR is 0")
		}
		r.write(0, simr, 0xFF)
		if r.Interrupt() {
			t.Error("SIMR lets it through")
		}
		r.write(regs(1), snIMR, 0)
		if !r.Interrupt() || r.read(0, sir, 1)[0] != 0 {
			t.Error("Sn_IMR is 0")
		}
	})
}

func TestINTLEVELHoldsTheNextFallBack(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		falls := make(chan time.Time, 8)
		r.OnInterrupt(func() { falls <- time.Now() })
		r.write(0, 0x13, 0xFF, 0xFF)
		r.write(0, simr, 0xFF)
		fd := r.dialQuietly(1)
		<-falls
		r.says(fd, []byte("abc"))
		r.wait("Sn_IR", con|received, func() byte { return r.reg(1, snIR) })
		r.write(regs(1), snIR, con|received)
		risen := time.Now()
		r.says(fd, []byte("abc"))
		if d := (<-falls).Sub(risen); d < 1700*time.Microsecond || d > 2*time.Millisecond {
			t.Errorf("it fell again after %v", d)
		}
	})
}

// dialQuietly is dial that leaves CON set.
func (r *rig) dialQuietly(n int) int {
	r.Helper()
	l := r.serve(80)
	r.open(n, 1, 0x1388)
	r.dest(n, at(80))
	r.command(n, connect)
	r.until(n, established)
	fd, _, err := r.peer.Accept(l)
	must(r.TB, err)
	return fd
}
