package netdevtest

import (
	"fmt"
	"time"
)

// An Outcome is what came of trying a rule.
type Outcome int

const (
	Passed  Outcome = iota // the device keeps the rule
	Failed                 // it does not
	Absent                 // it lacks the capability, or says no as an optional rule lets it
	Skipped                // the network of the trial cannot show it
	Excused                // it does not, and says why it cannot: see [Limited]
)

var outcomeNames = [...]string{"passed", "failed", "absent", "skipped", "excused"}

func (o Outcome) String() string {
	if o < 0 || int(o) >= len(outcomeNames) {
		return fmt.Sprintf("Outcome(%d)", int(o))
	}
	return outcomeNames[o]
}

// MarshalText makes JSON carry the name.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads a name back.
func (o *Outcome) UnmarshalText(text []byte) error {
	for i, name := range outcomeNames {
		if name == string(text) {
			*o = Outcome(i)
			return nil
		}
	}
	return fmt.Errorf("netdevtest: no outcome is called %q", text)
}

// A Result is the outcome of one rule.
type Result struct {
	ID      string        `json:"id"`
	Group   string        `json:"group"`
	Name    string        `json:"name"`
	Text    string        `json:"text"`
	Outcome Outcome       `json:"outcome"`
	Detail  string        `json:"detail,omitempty"` // what was done and what came back, or why not
	Elapsed time.Duration `json:"elapsed_ns"`
}

// A Report is what the suite found out about one device.
type Report struct {
	Device  string        `json:"device"`
	Elapsed time.Duration `json:"elapsed_ns"`
	Results []Result      `json:"results"`
}

// Failures returns the results of the rules that the device breaks.
func (r *Report) Failures() []Result {
	var failures []Result
	for _, res := range r.Results {
		if res.Outcome == Failed {
			failures = append(failures, res)
		}
	}
	return failures
}

// Count returns how many rules of the group had each outcome.
func (r *Report) Count(group string) (counts [len(outcomeNames)]int) {
	for _, res := range r.Results {
		if res.Group == group {
			counts[res.Outcome]++
		}
	}
	return counts
}
