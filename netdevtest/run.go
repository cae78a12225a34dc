package netdevtest

import (
	"strings"
	"testing"

	"github.com/netdev-go/netdev"
)

// Run holds a device to the contract: each rule is a subtest of t, and the
// report is logged as a matrix. The peer is the host's loopback; a device that
// does not reach that needs [RunConfig].
func Run(t *testing.T, newDevice func(tb testing.TB) netdev.Netdever) {
	RunConfig(t, Config{New: newDevice})
}

// RunConfig is [Run] with everything that can be chosen.
func RunConfig(t *testing.T, cfg Config) {
	s, err := newSuite(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		var matrix strings.Builder
		s.report().Matrix(&matrix)
		t.Logf("conformance\n%s", matrix.String())
	})
	for i := range s.groups {
		g := &s.groups[i]
		for _, r := range g.Rules {
			t.Run(r.ID+" "+r.Name, func(t *testing.T) {
				// The rules wait more than they work, so they are not left to
				// the few slots of -parallel.
				result := make(chan Result, 1)
				go func() {
					s.slots <- struct{}{}
					result <- s.try(t.Context(), g, r, t)
				}()
				if !r.goTest {
					t.Parallel()
				}
				res := <-result
				switch res.Outcome {
				case Failed:
					t.Errorf("%s: %s\n%s", r.ID, r.Text, res.Detail)
				case Absent, Skipped, Excused:
					t.Skip(res.Detail)
				}
			})
		}
	}
}
