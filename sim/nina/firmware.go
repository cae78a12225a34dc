package nina

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"
)

// firmware is one run of it, from a reset to the next.
//
// Its tasks take turns: the one that runs has mu, and gives it up where it waits.
// One that finds the chip dead when it gets it back ends at once, wherever it is.
type firmware struct {
	chip    *Chip
	before  <-chan struct{} // closed when the run before this one is gone
	dead    chan struct{}   // the power is gone
	gone    chan struct{}   // nothing is left
	ctx     context.Context // ends with dead
	cancel  context.CancelFunc
	serving bool // SPI is set up; under chip.mu

	mu    sync.Mutex
	tasks sync.WaitGroup
	rand  *rand.Rand
	// What is only looked at goes here: it must not be made anew for each look.
	scratch [bufferSize]byte

	lwip
	wifi
	slots [maxSockets]slot
	errno errno // of the task that runs

	resolved [4]byte // what 0x34 has found
	gpio0    gpio0
}

func newFirmware(c *Chip, before <-chan struct{}) *firmware {
	f := &firmware{chip: c, before: before, dead: make(chan struct{}), gone: make(chan struct{})}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	f.rand = rand.New(rand.NewPCG(c.config.Seed, uint64(c.stats.Crashes)))
	f.gpio0.wake = make(chan struct{}, 2)
	for i := range f.slots {
		f.slots[i] = freeSlot()
	}
	return f
}

func (f *firmware) die() {
	close(f.dead)
	f.cancel()
}

// main runs the firmware, and clears up after it.
func (f *firmware) main() {
	defer close(f.gone)
	<-f.before
	f.spawn(f.serve)
	<-f.dead
	f.tasks.Wait()
	f.closeAll()
	f.offNetwork()
}

// spawn starts a task.
func (f *firmware) spawn(task func()) {
	f.tasks.Add(1)
	go func() {
		defer f.tasks.Done()
		f.mu.Lock()
		defer f.mu.Unlock()
		f.check()
		task()
	}()
}

// check ends the task if the chip is dead.
func (f *firmware) check() {
	select {
	case <-f.dead:
		runtime.Goexit()
	default:
	}
}

// away has call, which may wait, run while other tasks do. It must end with ctx.
func (f *firmware) away(call func()) {
	f.mu.Unlock()
	call()
	f.mu.Lock()
	f.check()
}

// sleep lets other tasks run for that long.
func (f *firmware) sleep(d time.Duration) {
	if d <= 0 {
		f.check()
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	f.away(func() {
		select {
		case <-t.C:
		case <-f.dead:
		}
	})
}

// hurt is for what a real chip does not survive.
func (f *firmware) hurt(format string, args ...any) {
	c := f.chip
	c.mu.Lock()
	if c.run == f {
		c.abuse(format, args...)
		c.crash()
	}
	c.mu.Unlock()
	<-f.dead
	f.check()
}

// harm is for what a real chip is hurt by, and goes on.
func (f *firmware) harm(format string, args ...any) {
	f.chip.mu.Lock()
	defer f.chip.mu.Unlock()
	f.chip.abuse(format, args...)
}

// serve is the main loop.
func (f *firmware) serve() {
	f.sleep(f.chip.config.BootTime)
	if !f.setUp() {
		return
	}
	f.spawn(f.driveGPIO0)
	command, response := make([]byte, bufferLen), make([]byte, bufferLen)
	for {
		clear(command)
		if f.transfer(command, false) == 0 {
			continue
		}
		f.chip.mu.Lock()
		f.chip.stats.Commands++
		f.chip.mu.Unlock()
		f.stall()
		f.sleep(f.chip.config.Latency)
		clear(response)
		n := f.handle(command, response)
		f.gpio0.signal()
		f.stall()
		f.transfer(response[:n], true)
	}
}

// setUp reports whether this is the firmware for WiFi: CS low is the one for
// Bluetooth, whose UART is on the pins of SPI.
func (f *firmware) setUp() bool {
	c := f.chip
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.run != f {
		return false
	}
	if !c.cs {
		c.ready = false // RTS
		return false
	}
	f.serving = true
	return true
}

// stall is for Silence.
func (f *firmware) stall() {
	for {
		f.chip.mu.Lock()
		d := time.Until(f.chip.silent)
		f.chip.mu.Unlock()
		if d <= 0 {
			return
		}
		f.sleep(d)
	}
}

const (
	startCommand = 0xE0
	startError   = 0xEF
	endCommand   = 0xEE
	replyFlag    = 0x80
)

// A handler reads a command where it expects its parameters, writes the response
// from its third byte on, and returns the length with the last byte, or 0 for
// none.
type handler func(f *firmware, command, response []byte) int

// handle returns the length of the response, which is whole words.
func (f *firmware) handle(command, response []byte) int {
	n := 0
	if h := f.handlerOf(command); h != nil {
		n = h(f, command, response)
	}
	if n == 0 {
		return 1 + copy(response, []byte{startError, 0, endCommand})
	}
	response[0], response[1] = startCommand, replyFlag|command[1]
	response[n-1] = endCommand
	return (n + 3) &^ 3
}

func (f *firmware) handlerOf(command []byte) handler {
	if command[0] != startCommand || command[1] >= 0x80 {
		return nil
	}
	code := command[1]
	if code >= 0x70 && f.chip.older("1.5.0") || code == 0x1E && f.chip.older("1.6.0") {
		return nil
	}
	return handlers[code]
}

// older reports whether the firmware came before a version.
func (c *Chip) older(version string) bool { return c.config.Firmware < version }

// one writes a response of one parameter.
func one(response []byte, parameter ...byte) int {
	response[2], response[3] = 1, byte(len(parameter))
	return 5 + copy(response[4:], parameter)
}

func success(ok bool) byte {
	if ok {
		return 1
	}
	return 0
}
