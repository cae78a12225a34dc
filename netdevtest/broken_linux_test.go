package netdevtest_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netdevtest"
	"github.com/netdev-go/netdev/netdevtest/internal/broken"
)

// prefixes are the groups of rules.
func prefixes(rules []string) []string {
	var groups []string
	for _, id := range rules {
		prefix, _, _ := strings.Cut(id, "-")
		groups = append(groups, prefix)
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}

// breaks returns the rules that the suite finds d to break.
func breaks(t *testing.T, d broken.Device, timeout time.Duration) []string {
	report, err := netdevtest.Conform(t.Context(), netdevtest.Config{
		New:     d.New,
		Rules:   prefixes(d.Rules),
		Timeout: timeout,
		Soak:    30,
	})
	if err != nil {
		t.Error(err)
		return nil
	}
	var failed []string
	for _, res := range report.Failures() {
		failed = append(failed, res.ID)
		t.Logf("%s failed after %v: %.300s", res.ID, res.Elapsed.Round(time.Millisecond), res.Detail)
	}
	return failed
}

func TestSuiteCatchesBrokenDevices(t *testing.T) {
	// The devices hang more than they work, so they are not left to the few
	// slots of -parallel.
	slots := make(chan struct{}, 16)
	var all sync.WaitGroup
	var alone sync.Mutex
	for _, d := range broken.Devices() {
		t.Run(strings.Join(d.Rules, ",")+" "+d.Name, func(t *testing.T) {
			if broken.Race && strings.Contains(d.Name, "caller's buffer") {
				t.Skip("the device races with the suite, which the race detector would tell first")
			}
			var failed []string
			done := make(chan struct{})
			all.Add(1)
			go func() {
				defer all.Done()
				defer close(done)
				slots <- struct{}{}
				defer func() { <-slots }()
				failed = breaks(t, d, 4*time.Second)
			}()
			t.Parallel()
			<-done
			if slices.Equal(failed, d.Rules) {
				return
			}
			// A machine that is busy with the others, or a port that another
			// program took, may be to blame. What the device itself breaks, it
			// breaks when it is alone too.
			all.Wait()
			alone.Lock()
			defer alone.Unlock()
			t.Logf("a device that %q failed %v; once more, alone", d.Name, failed)
			if failed = breaks(t, d, 15*time.Second); !slices.Equal(failed, d.Rules) {
				t.Errorf("a device that %q failed %v, want %v", d.Name, failed, d.Rules)
			}
		})
	}
}

func TestTLSDeviceKeepsTheContract(t *testing.T) {
	report, err := netdevtest.Conform(t.Context(), netdevtest.Config{
		Name:  "tls",
		New:   func(tb testing.TB) netdev.Netdever { return broken.TLS(tb) },
		Rules: []string{"SOCK", "CONN", "TLS"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, res := range report.Results {
		if res.Outcome != netdevtest.Passed {
			t.Errorf("%s %v: %s", res.ID, res.Outcome, res.Detail)
		}
	}
}

// unbroken are the mandatory rules without a broken device, and why.
var unbroken = map[string]string{
	"NET-1": "nettest.TestConn is another's, and fails the test that it is given, which is ours",
	"NET-2": "as NET-1",
	"NET-6": "package net orders the calls itself; CONC-4 is about the device",
	"NET-8": "package net ends a dial whatever the device does",
}

func TestEveryRuleIsBrokenBySomeDevice(t *testing.T) {
	broke := make(map[string]bool)
	for _, d := range broken.Devices() {
		for _, id := range d.Rules {
			broke[id] = true
		}
	}
	for _, g := range netdevtest.Groups() {
		for _, r := range g.Rules {
			_, excused := unbroken[r.ID]
			if !broke[r.ID] && !excused {
				t.Errorf("no broken device shows that %s (%s) is caught", r.ID, r.Name)
			}
			if broke[r.ID] && excused {
				t.Errorf("%s is broken after all", r.ID)
			}
			delete(broke, r.ID)
		}
	}
	for id := range broke {
		t.Errorf("a device breaks %s, which is no rule", id)
	}
}
