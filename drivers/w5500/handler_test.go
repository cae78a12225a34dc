package w5500

import (
	"testing"
	"testing/synctest"
)

// A handler that was taken away takes no frame from EthPoll, and one that is set
// again has what came meanwhile.
func TestFramesWaitWhereThereIsNoHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoopback()
		f := NewFrames(&Config{
			SPI: l, CS: l.CS, Interrupt: func() bool { return l.sir() == 0 },
			OnInterrupt: func(f func()) { l.fell = f },
		})
		defer f.Stop()
		arrives := func() {
			r := &l.regs[0]
			wr := be16(r[snRXWR:])
			put(l.rx[0][wr:], rawHeader+60)
			put(r[snRXWR:], wr+rawHeader+60)
			l.raise(0, irRECV)
			synctest.Wait()
		}
		handled := 0
		handler := func([]byte) { handled++ }
		f.SetEthRecvHandler(handler)
		synctest.Wait()
		if arrives(); handled != 1 {
			t.Fatalf("the handler was called %d times for a frame", handled)
		}
		f.SetEthRecvHandler(nil)
		arrives()
		if _, n, err := f.EthPoll(make([]byte, maxFrame)); n != 60 || err != nil {
			t.Errorf("EthPoll: %d bytes, %v", n, err)
		}
		arrives()
		f.SetEthRecvHandler(handler)
		if synctest.Wait(); handled != 2 {
			t.Errorf("the handler was called %d times, want 2", handled)
		}
	})
}
