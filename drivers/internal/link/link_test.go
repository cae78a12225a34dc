package link_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/link"
	"github.com/netdev-go/netdev/netlink"
)

var addr = netip.MustParseAddr("10.0.2.15")

// A chip is a Core and a Radio. What they were asked is in its diary.
type chip struct {
	turn chan func() // the goroutine's
	mu   sync.Mutex
	log  []string
	told []string

	// Set before NetConnect, or in a Do.
	join   func(n int) error // the n-th, from 1
	joined func() error
	alive  error
	joins  int
}

func (c *chip) wrote(line string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.log = append(c.log, line)
}

// diary returns what has happened since the last diary, and behind it what
// NetNotify's function was told, which another goroutine does.
func (c *chip) diary() string {
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	text := strings.Join(append(c.log, c.told...), " ")
	c.log, c.told = nil, nil
	return text
}

func (c *chip) Do(ctx context.Context, f func() error) error {
	done := make(chan error, 1)
	select {
	case c.turn <- func() { done <- f() }:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
func (c *chip) Up(a netip.Addr) { c.wrote("up:" + a.String()) }
func (c *chip) Down(err error)  { c.wrote("down") }

func (c *chip) Join(p *netlink.ConnectParams) error {
	c.wrote("join:" + p.Ssid)
	c.joins++
	if c.join != nil {
		return c.join(c.joins)
	}
	return nil
}

func (c *chip) Joined() (netip.Addr, error) {
	if c.joined != nil {
		if err := c.joined(); err != nil {
			return netip.Addr{}, err
		}
	}
	return addr, nil
}
func (c *chip) Leave() error { c.wrote("leave"); return nil }
func (c *chip) Alive() error { c.wrote("alive?"); return c.alive }

// with runs f in a bubble with a chip whose link is down.
func with(t *testing.T, f func(t *testing.T, c *chip, l *link.Link)) {
	synctest.Test(t, func(t *testing.T) {
		c := &chip{turn: make(chan func())}
		l := link.New(link.Config{Core: c, Radio: c})
		go func() {
			for f := range c.turn {
				f()
			}
		}()
		l.NetNotify(func(e netlink.Event) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.told = append(c.told, "event:"+e.String())
		})
		f(t, c, l)
		l.NetDisconnect()
		synctest.Wait()
		close(c.turn)
	})
}

func home() *netlink.ConnectParams { return &netlink.ConnectParams{Ssid: "home"} }

func check(t *testing.T, what string, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestConnectAndDisconnect(t *testing.T) {
	with(t, func(t *testing.T, c *chip, l *link.Link) {
		asked := 0
		c.joined = func() error {
			if asked++; asked < 4 {
				return netdev.ErrWouldBlock
			}
			return nil
		}
		if err := l.NetConnect(home()); err != nil {
			t.Fatal(err)
		}
		check(t, "connected", c.diary(), "join:home up:10.0.2.15 event:up")
		if err := l.NetConnect(nil); err != netlink.ErrConnected {
			t.Errorf("a second NetConnect = %v", err)
		}
		l.NetDisconnect()
		check(t, "disconnected", c.diary(), "down leave event:down")
		l.NetDisconnect()
		check(t, "disconnected again", c.diary(), "")
		if err := l.NetConnect(&netlink.ConnectParams{}); err != netlink.ErrMissingSSID {
			t.Errorf("without an SSID: %v", err)
		}
	})
}

func TestAttemptsHaveTheirTimeAndNumber(t *testing.T) {
	with(t, func(t *testing.T, c *chip, l *link.Link) {
		c.joined = func() error { return netdev.ErrWouldBlock }
		p := home()
		p.ConnectTimeout = 3 * time.Second
		for retries, want := range map[int]error{1: netlink.ErrConnectTimeout, 2: netlink.ErrConnectFailed} {
			begin := time.Now()
			p.Retries = retries
			if err := l.NetConnect(p); err != want {
				t.Errorf("%d attempts: %v, want %v", retries, err, want)
			}
			pauses := time.Duration(retries-1) * 250 * time.Millisecond
			if took := time.Since(begin); took != time.Duration(retries)*3*time.Second+pauses {
				t.Errorf("%d attempts took %v", retries, took)
			}
			check(t, "chip", c.diary(), strings.TrimSpace(strings.Repeat("join:home leave ", retries)))
		}
	})
}

func TestAWrongPassphraseIsTriedOnceMore(t *testing.T) {
	with(t, func(t *testing.T, c *chip, l *link.Link) {
		c.joined = func() error { return netlink.ErrAuthFailure }
		if err := l.NetConnect(home()); err != netlink.ErrAuthFailure {
			t.Errorf("without end: %v", err)
		}
		check(t, "chip", c.diary(), "join:home leave join:home leave")
		p := home()
		p.AuthType, p.Passphrase = netlink.AuthTypeWPA, "long enough"
		c.join = func(int) error { return netlink.ErrAuthTypeNoGood }
		if err := l.NetConnect(p); err != netlink.ErrAuthTypeNoGood {
			t.Errorf("a type that the chip has not: %v", err)
		}
	})
}

// NetDisconnect comes to a NetConnect that would go on for ever, and to a chip
// that does not return.
func TestDisconnectEndsNetConnect(t *testing.T) {
	with(t, func(t *testing.T, c *chip, l *link.Link) {
		for _, busy := range []bool{false, true} {
			hold := make(chan struct{})
			c.joined = func() error { return netdev.ErrWouldBlock }
			if busy {
				c.join = func(int) error { <-hold; return nil }
			}
			done := make(chan error, 1)
			go func() { done <- l.NetConnect(home()) }()
			time.Sleep(time.Minute)
			synctest.Wait()
			begin := time.Now()
			l.NetDisconnect()
			if took := time.Since(begin); took > 5*time.Second {
				t.Errorf("NetDisconnect took %v", took)
			}
			if err := <-done; err != netlink.ErrConnectFailed {
				t.Errorf("NetConnect = %v", err)
			}
			close(hold)
			c.diary()
		}
	})
}

func TestALostLinkIsJoinedAgainByTheWatchdog(t *testing.T) {
	with(t, func(t *testing.T, c *chip, l *link.Link) {
		p := home()
		p.WatchdogTimeout = time.Second
		if err := l.NetConnect(p); err != nil {
			t.Fatal(err)
		}
		c.diary()
		c.Do(context.Background(), func() error {
			c.alive = errors.New("gone")
			c.join = func(n int) error {
				if n < 4 {
					return netlink.ErrConnectFailed
				}
				c.alive = nil
				return nil
			}
			return nil
		})
		time.Sleep(1500 * time.Millisecond)
		check(t, "lost", c.diary(), "alive? down leave join:home leave join:home leave event:down")
		time.Sleep(time.Second)
		check(t, "back", c.diary(), "join:home up:10.0.2.15 alive? event:up")
	})
}

func TestALostLinkWithoutAWatchdog(t *testing.T) {
	with(t, func(t *testing.T, c *chip, l *link.Link) {
		if err := l.NetConnect(home()); err != nil {
			t.Fatal(err)
		}
		c.diary()
		c.Do(context.Background(), func() error { l.Lost(); l.Lost(); return nil })
		check(t, "lost", c.diary(), "down event:down")
		time.Sleep(time.Hour)
		check(t, "an hour later", c.diary(), "")
		if err := l.NetConnect(home()); err != nil {
			t.Error(err)
		}
		check(t, "connected again", c.diary(), "leave join:home up:10.0.2.15 event:up")

		c.Do(context.Background(), func() error { l.Lost(); return nil })
		c.diary()
		l.NetDisconnect() // the chip may find its way back by itself
		l.NetDisconnect()
		check(t, "disconnected", c.diary(), "leave")
	})
}

func TestAnotherAddress(t *testing.T) {
	with(t, func(t *testing.T, c *chip, l *link.Link) {
		l.NetConnect(home())
		c.diary()
		c.Do(context.Background(), func() error {
			l.Changed(addr)
			l.Changed(addr.Next())
			return nil
		})
		check(t, "changed", c.diary(), "down up:10.0.2.16 event:down event:up")
	})
}

// The function may call the device, also to end what it is told of.
func TestNotifyMayDisconnect(t *testing.T) {
	with(t, func(t *testing.T, c *chip, l *link.Link) {
		var told []netlink.Event
		l.NetNotify(func(e netlink.Event) {
			told = append(told, e)
			l.NetDisconnect()
		})
		l.NetConnect(home())
		synctest.Wait()
		if !slices.Equal(told, []netlink.Event{netlink.EventNetUp, netlink.EventNetDown}) {
			t.Errorf("told %v", told)
		}
		if got := c.diary(); !strings.HasSuffix(got, "down leave") {
			t.Errorf("chip: %q", got)
		}
	})
}

// Cycles of connecting and disconnecting beside a watchdog that is just as fast.
func TestCyclesBesideTheWatchdog(t *testing.T) {
	with(t, func(t *testing.T, c *chip, l *link.Link) {
		p := home()
		p.WatchdogTimeout = 3 * time.Millisecond
		for i := range 100 {
			if err := l.NetConnect(p); err != nil {
				t.Fatalf("cycle %d: %v", i, err)
			}
			time.Sleep(time.Duration(i%5) * time.Millisecond)
			l.NetDisconnect()
		}
	})
}

// A chip that holds on to its joining for longer than NetDisconnect waits must
// not stay on a network that nobody is on any more.
func TestAJoinThatOutlastsDisconnectIsUndone(t *testing.T) {
	with(t, func(t *testing.T, c *chip, l *link.Link) {
		hold := make(chan struct{})
		c.join = func(int) error { <-hold; return nil }
		done := make(chan error, 1)
		go func() { done <- l.NetConnect(home()) }()
		time.Sleep(time.Second)
		l.NetDisconnect()
		if err := <-done; err != netlink.ErrConnectFailed {
			t.Errorf("NetConnect = %v", err)
		}
		time.Sleep(time.Minute)
		check(t, "while it joins", c.diary(), "join:home")
		close(hold)
		check(t, "when it has joined", c.diary(), "leave")
	})
}

// An address that the chip finds when the time of the attempt is over is one that
// nobody waits for.
func TestAnAddressAfterTheTimeOfTheAttemptIsNone(t *testing.T) {
	with(t, func(t *testing.T, c *chip, l *link.Link) {
		asked := 0
		c.joined = func() error {
			if asked++; asked == 1 {
				time.Sleep(11 * time.Second)
			}
			return nil
		}
		p := home()
		p.Retries = 1
		if err := l.NetConnect(p); err != netlink.ErrConnectTimeout {
			t.Errorf("NetConnect = %v", err)
		}
		check(t, "chip", c.diary(), "join:home leave")
		if err := l.NetConnect(p); err != nil {
			t.Error(err)
		}
		check(t, "again", c.diary(), "join:home up:10.0.2.15 event:up")
	})
}

// A Core that is stopped calls nothing any more.
func TestNetConnectOfAStoppedDeviceReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := link.New(link.Config{Core: new(core), Radio: new(chip)})
		if err := l.NetConnect(home()); err != netdev.ErrClosed {
			t.Errorf("NetConnect = %v", err)
		}
	})
}

// The bubble only ends where no goroutine is left in it.
func TestTheWatchdogOfAStoppedDeviceEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &core{calls: 2}
		l := link.New(link.Config{Core: c, Radio: &c.chip})
		p := home()
		p.WatchdogTimeout = time.Second
		if err := l.NetConnect(p); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
	})
}

// A core makes so many calls, and is stopped.
type core struct {
	chip
	calls int
}

func (c *core) Do(_ context.Context, f func() error) error {
	if c.calls--; c.calls < 0 {
		return netdev.ErrNetDown
	}
	return f()
}
