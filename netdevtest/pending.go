package netdevtest

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"
)

// stacks returns the stacks of the goroutines that are in this package.
func (t *trial) stacks() string {
	var mine []string
	for _, g := range strings.Split(allStacks(), "\n\n") {
		if strings.Contains(g, "netdevtest.(*watched)") || strings.Contains(g, "netdevtest.checkNet") {
			mine = append(mine, g)
		}
	}
	return strings.Join(mine, "\n\n")
}

// A pending is a call of the device in its own goroutine.
type pending struct {
	t         *trial
	what      string
	goroutine string // as in a stack dump: "goroutine 7 "
	done      chan struct{}
	result
}

// A result is what came back from a call.
type result struct {
	n   int
	err error
}

func (r result) String() string { return fmt.Sprintf("%d, %s", r.n, describe(r.err)) }

func describe(err error) string {
	if err == nil {
		return "nil"
	}
	return fmt.Sprintf("%q (%T)", err, err)
}

// start makes a call and returns when its goroutine runs.
func (t *trial) start(what string, call func() (int, error)) *pending {
	p := &pending{t: t, what: what, done: make(chan struct{}), result: result{-2, errNoResult}}
	running := make(chan struct{})
	go func() {
		defer close(p.done)
		p.goroutine = thisGoroutine()
		close(running)
		p.n, p.err = call()
	}()
	<-running
	return p
}

// errNoResult stands where a call panicked.
var errNoResult = errors.New("the call did not come back")

// blocked fails the trial unless the call waits for a pause. On a busy machine
// the goroutine may not even have come to the call by then, so blocked also
// waits until it is parked.
func (p *pending) blocked() {
	p.t.Helper()
	pause := p.t.cfg.Pause
	for end := time.Now().Add(p.t.cfg.Timeout); ; pause = p.t.cfg.Pause / 10 {
		if waitFor(p.done, pause) {
			p.t.Fatalf("%s returned %v, where it must wait", p.what, p.result)
		}
		if parked(p.goroutine) || time.Now().After(end) {
			p.t.extend()
			return
		}
	}
}

// thisGoroutine returns how a stack dump begins the caller's stack.
func thisGoroutine() string {
	buf := make([]byte, 64)
	buf = buf[:runtime.Stack(buf, false)]
	name, _, _ := bytes.Cut(buf, []byte("["))
	return string(name)
}

// parked reports whether a goroutine waits for something.
func parked(goroutine string) bool {
	_, after, ok := strings.Cut("\n"+allStacks(), "\n"+goroutine+"[")
	state, _, _ := strings.Cut(after, "]")
	return ok && !strings.HasPrefix(state, "run")
}

func allStacks() string {
	for size := 1 << 18; ; size *= 2 {
		buf := make([]byte, size)
		if n := runtime.Stack(buf, true); n < size {
			return string(buf[:n])
		}
	}
}

// wait returns what the call came to.
func (p *pending) wait() result {
	p.t.Helper()
	select {
	case <-p.done:
	case <-p.t.hung:
		runtime.Goexit()
	}
	return p.result
}

// soon is wait with a bound of its own: for a call that has no reason left to
// wait, whatever its deadline.
func (p *pending) soon() result {
	p.t.Helper()
	if !waitFor(p.done, p.t.cfg.Timeout) {
		p.t.Fatalf("%s still waits after %v\n%s", p.what, p.t.cfg.Timeout, p.t.stacks())
	}
	return p.result
}
