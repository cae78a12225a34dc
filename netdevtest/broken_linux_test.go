package netdevtest_test

import (
	"slices"
	"strings"
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

func TestSuiteCatchesBrokenDevices(t *testing.T) {
	// The devices hang more than they work, so they are not left to the few
	// slots of -parallel.
	slots := make(chan struct{}, 16)
	for _, d := range broken.Devices() {
		t.Run(strings.Join(d.Rules, ",")+" "+d.Name, func(t *testing.T) {
			if broken.Race && strings.Contains(d.Name, "caller's buffer") {
				t.Skip("the device races with the suite, which the race detector would tell first")
			}
			var report *netdevtest.Report
			var err error
			done := make(chan struct{})
			go func() {
				defer close(done)
				slots <- struct{}{}
				defer func() { <-slots }()
				report, err = netdevtest.Conform(t.Context(), netdevtest.Config{
					New:     d.New,
					Rules:   prefixes(d.Rules),
					Timeout: 4 * time.Second,
					Soak:    30,
				})
			}()
			t.Parallel()
			<-done
			if err != nil {
				t.Fatal(err)
			}
			var failed []string
			for _, res := range report.Failures() {
				failed = append(failed, res.ID)
				t.Logf("%s failed after %v: %.300s", res.ID, res.Elapsed.Round(time.Millisecond), res.Detail)
			}
			if !slices.Equal(failed, d.Rules) {
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
