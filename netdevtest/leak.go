package netdevtest

import (
	"bufio"
	"bytes"
	"fmt"
	"runtime/pprof"
	"strings"
	"time"
)

// labelKey labels the goroutines of a trial.
const labelKey = "netdevtest"

// goroutines returns how many goroutines carry label, and their stacks.
func goroutines(label string) (count int, stacks string) {
	var profile bytes.Buffer
	pprof.Lookup("goroutine").WriteTo(&profile, 1)
	mine := fmt.Sprintf("%q:%q", labelKey, label)
	var all strings.Builder
	for record := range strings.SplitSeq(profile.String(), "\n\n") {
		if !strings.Contains(record, mine) {
			continue
		}
		lines := bufio.NewScanner(strings.NewReader(record))
		for lines.Scan() {
			var n int
			// Each record begins "count @ pc pc …"; the first one of the
			// profile has a line before it.
			if _, err := fmt.Sscanf(lines.Text(), "%d @", &n); err == nil {
				count += n
				break
			}
		}
		all.WriteString(record)
		all.WriteString("\n\n")
	}
	return count, all.String()
}

// settle waits until no more than limit goroutines carry label, and fails the
// trial when that does not come.
func (t *trial) settle(limit int) {
	t.Helper()
	deadline := time.Now().Add(t.cfg.Timeout)
	for {
		count, stacks := goroutines(t.label)
		if count <= limit {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines are left where there were %d after the first cycles:\n%s", count, limit, stacks)
		}
		time.Sleep(t.cfg.Pause / 10)
	}
}
