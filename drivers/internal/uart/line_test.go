package uart_test

import (
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/drivers/internal/uart"
	"github.com/netdev-go/netdev/sim/bus"
)

// A plainPort is a UART as a microcontroller has it: nobody is woken.
type plainPort struct {
	mu   sync.Mutex
	in   []byte
	out  []byte
	most int // bytes that Write takes at once; 0 is all
}

func (p *plainPort) Buffered() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.in)
}

func (p *plainPort) Read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := copy(b, p.in)
	p.in = p.in[n:]
	return n, nil
}

func (p *plainPort) Write(b []byte) (int, error) {
	if p.most > 0 && len(b) > p.most {
		b = b[:p.most]
	}
	p.out = append(p.out, b...)
	return len(b), nil
}

func (p *plainPort) arrives(b string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.in = append(p.in, b...)
}

// each runs f over a port that is polled, and over one that wakes.
func each(t *testing.T, f func(t *testing.T, l *uart.Line, arrives func(string))) {
	t.Run("polled", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := new(plainPort)
			l := uart.New(p)
			defer l.Stop()
			f(t, l, p.arrives)
		})
	})
	t.Run("woken", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			mcu, chip := bus.UART(bus.Config{})
			defer chip.Close()
			l := uart.New(mcu)
			defer l.Stop()
			f(t, l, func(s string) { chip.Write([]byte(s)) })
		})
	})
}

// near is how far a polled line may be behind.
const near = 2 * time.Millisecond

func TestWaitEndsWithAByteOrItsTime(t *testing.T) {
	each(t, func(t *testing.T, l *uart.Line, arrives func(string)) {
		begin := time.Now()
		if l.Wait(begin.Add(time.Second)) {
			t.Error("something arrived from nowhere")
		}
		if took := time.Since(begin); took < time.Second || took > time.Second+near {
			t.Errorf("Wait took %v", took)
		}
		begin = time.Now()
		time.AfterFunc(100*time.Millisecond, func() { arrives("x") })
		if !l.Wait(begin.Add(time.Second)) {
			t.Error("a byte arrived, and Wait missed it")
		}
		if took := time.Since(begin); took > 100*time.Millisecond+near {
			t.Errorf("Wait took %v", took)
		}
		if !l.Wait(time.Time{}) {
			t.Error("Wait without time missed what is there")
		}
		var b [4]byte
		if n, err := l.Read(b[:]); n != 1 || err != nil {
			t.Errorf("Read = %d, %v", n, err)
		}
		if n, err := l.Read(b[:]); n != 0 || err != nil {
			t.Errorf("Read of nothing = %d, %v", n, err)
		}
		if l.Wait(time.Time{}) {
			t.Error("Wait without time found something")
		}
	})
}

func TestIdleEndsWithAByteAWakeOrItsTime(t *testing.T) {
	each(t, func(t *testing.T, l *uart.Line, arrives func(string)) {
		wake := make(chan struct{}, 1)
		begin := time.Now()
		if l.Idle(wake, 50*time.Millisecond) {
			t.Error("something arrived from nowhere")
		}
		if took := time.Since(begin); took < 50*time.Millisecond || took > 50*time.Millisecond+near {
			t.Errorf("Idle took %v", took)
		}
		for _, d := range []time.Duration{-1, time.Hour} {
			begin = time.Now()
			time.AfterFunc(time.Minute, func() { wake <- struct{}{} })
			if l.Idle(wake, d) {
				t.Error("a wake is no byte")
			}
			if took := time.Since(begin); took > time.Minute+near {
				t.Errorf("Idle took %v until the wake", took)
			}
			begin = time.Now()
			time.AfterFunc(time.Minute, func() { arrives("x") })
			if !l.Idle(wake, d) {
				t.Error("Idle missed a byte")
			}
			if took := time.Since(begin); took > time.Minute+near {
				t.Errorf("Idle took %v until the byte", took)
			}
			l.Drain(time.Millisecond, time.Second)
		}
	})
}

// The caller looks for work, and then idles: a wake between the two, or while it
// waits for something else, must end that Idle.
func TestAWakeBeforeIdleIsNotLost(t *testing.T) {
	each(t, func(t *testing.T, l *uart.Line, arrives func(string)) {
		wake := make(chan struct{}, 1)
		l.Idle(wake, time.Millisecond)
		for range 20 {
			wake <- struct{}{}
			synctest.Wait()
			l.Wait(time.Now().Add(5 * time.Millisecond))
			begin := time.Now()
			l.Idle(wake, time.Minute)
			if took := time.Since(begin); took > near {
				t.Fatalf("Idle slept for %v over a wake", took)
			}
		}
	})
}

func TestStopEndsWait(t *testing.T) {
	each(t, func(t *testing.T, l *uart.Line, arrives func(string)) {
		time.AfterFunc(time.Second, l.Stop)
		for range 2 {
			begin := time.Now()
			if l.Wait(begin.Add(time.Hour)) {
				t.Error("something arrived from nowhere")
			}
			if took := time.Since(begin); took > time.Second+near {
				t.Errorf("Wait went on for %v", took)
			}
		}
	})
}

func TestStopEndsIdle(t *testing.T) {
	each(t, func(t *testing.T, l *uart.Line, arrives func(string)) {
		time.AfterFunc(time.Second, l.Stop)
		begin := time.Now()
		l.Idle(make(chan struct{}), -1)
		if took := time.Since(begin); took > time.Second+near {
			t.Errorf("Idle went on for %v", took)
		}
		l.Stop()
	})
}

func TestDrainWaitsForSilence(t *testing.T) {
	each(t, func(t *testing.T, l *uart.Line, arrives func(string)) {
		for i := range 10 {
			time.AfterFunc(time.Duration(i)*5*time.Millisecond, func() { arrives("rubbish") })
		}
		begin := time.Now()
		if !l.Drain(20*time.Millisecond, time.Second) {
			t.Error("no silence")
		}
		if took := time.Since(begin); took < 65*time.Millisecond || took > 65*time.Millisecond+2*near {
			t.Errorf("silence after %v", took)
		}
		if l.Buffered() != 0 {
			t.Error("something was left")
		}
	})
}

func TestDrainGivesUpOnABabbler(t *testing.T) {
	each(t, func(t *testing.T, l *uart.Line, arrives func(string)) {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		stop := make(chan struct{})
		defer close(stop)
		go func() {
			for {
				select {
				case <-tick.C:
					arrives("bla")
				case <-stop:
					return
				}
			}
		}()
		begin := time.Now()
		if l.Drain(20*time.Millisecond, 100*time.Millisecond) {
			t.Error("there was no silence")
		}
		if took := time.Since(begin); took > 100*time.Millisecond+20*time.Millisecond {
			t.Errorf("Drain took %v", took)
		}
	})
}

func TestWriteSendsAll(t *testing.T) {
	p := &plainPort{most: 3}
	l := uart.New(p)
	if err := l.Write([]byte("hello, chip")); err != nil || string(p.out) != "hello, chip" {
		t.Errorf("Write = %v, sent %q", err, p.out)
	}
}

type deafPort struct{ plainPort }

func (*deafPort) Write(b []byte) (int, error) { return 0, nil }

func TestWriteToADeafPortEnds(t *testing.T) {
	if err := uart.New(new(deafPort)).Write([]byte("x")); err != io.ErrShortWrite {
		t.Errorf("Write = %v", err)
	}
}

// A port that is gone returns from WaitReadable at once. Who waits must neither
// hang nor spin: in this bubble time only passes while everybody sleeps.
func TestAClosedPortKeepsItsTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mcu, chip := bus.UART(bus.Config{})
		chip.Close()
		l := uart.New(mcu)
		defer l.Stop()
		begin := time.Now()
		l.Wait(begin.Add(time.Second))
		l.Idle(make(chan struct{}), time.Second)
		if took := time.Since(begin); took > 2*time.Second+2*near {
			t.Errorf("took %v", took)
		}
	})
}

// A failingPort says that it has something, and does not give it.
type failingPort struct {
	plainPort
	err error
}

func (*failingPort) Buffered() int              { return 1 }
func (p *failingPort) Read([]byte) (int, error) { return 0, p.err }

// Who reads from a port that fails comes back: on a processor without preemption
// nobody else would ever run.
func TestReadingAPortThatFailsTakesTime(t *testing.T) {
	for _, failure := range []error{nil, io.ErrUnexpectedEOF} {
		synctest.Test(t, func(t *testing.T) {
			l := uart.New(&failingPort{err: failure})
			defer l.Stop()
			begin := time.Now()
			var b [8]byte
			if n, err := l.Read(b[:]); n != 0 || err == nil || failure != nil && err != failure {
				t.Errorf("Read = %d, %v", n, err)
			}
			if time.Since(begin) == 0 {
				t.Error("Read failed at once")
			}
		})
	}
}
