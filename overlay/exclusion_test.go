package overlay

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

// A test is left out with its reason, and on no device that it can run on.
func TestExclusionsAreOfTheDevice(t *testing.T) {
	arrival := "TestInterfaceArrivalAndDeparture"
	for device, out := range map[string]map[string]bool{
		"stack": {arrival: true, "TestSplice": false, "TestDialTimeout": false},
		"host":  {arrival: false, "TestSplice": false},
		"bare":  {arrival: false},
	} {
		var said bytes.Buffer
		b := &job{opts: Options{Device: device, Stderr: &said}, args: &arguments{}}
		b.exclude("net")
		if !strings.Contains(b.args.skip, "^TestSplice$/^tcp-to-tcp$") {
			t.Errorf("%s: -skip=%s", device, b.args.skip)
		}
		for name, want := range out {
			// What -skip does with a test's own name: all elements must match.
			left := false
			for _, alternative := range strings.Split(b.args.skip, "|") {
				left = left || !strings.Contains(alternative, "/") && regexp.MustCompile(alternative).MatchString(name)
			}
			if left != want {
				t.Errorf("%s: %s left out: %v, want %v, by -skip=%s", device, name, left, want, b.args.skip)
			}
		}
		if got, want := strings.Contains(said.String(), arrival+" of net: it has the host's kernel"), out[arrival]; got != want {
			t.Errorf("%s: said %q", device, &said)
		}
	}
}
