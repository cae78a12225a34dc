package overlay

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseArgs(t *testing.T) {
	tests := []struct {
		verb, args string
		want       arguments
	}{
		{"run", "./web", arguments{packages: []string{"./web"}, rest: []string{}}},
		{"run", "./web -p 1 x.go", arguments{packages: []string{"./web"}, rest: []string{"-p", "1", "x.go"}}},
		{"run", "a.go b.go -v", arguments{packages: []string{"a.go", "b.go"}, rest: []string{"-v"}}},
		{"run", "-race -tags a,b -ldflags=-s . -race", arguments{
			flags: []string{"-race", "-ldflags=-s"}, tags: []string{"a", "b"}, packages: []string{"."}, rest: []string{"-race"}}},
		{"run", "-- . x", arguments{packages: []string{"."}, rest: []string{"x"}}},
		{"build", "", arguments{packages: []string{"."}}},
		{"build", "-o out --tags=x -gcflags -N ./a ./b", arguments{
			flags: []string{"-gcflags=-N"}, tags: []string{"x"}, out: "out", packages: []string{"./a", "./b"}}},
		{"test", "net -v -run TestX net/http -skip=A -args -v", arguments{
			flags: []string{"-v", "-run=TestX"}, skip: "A", packages: []string{"net", "net/http"}, rest: []string{"-args", "-v"}}},
		{"test", "-test.v -test.count 2", arguments{flags: []string{"-test.v", "-test.count=2"}, packages: []string{"."}}},
	}
	for _, tt := range tests {
		got, err := parseArgs(tt.verb, strings.Fields(tt.args))
		if err != nil {
			t.Errorf("%s %s: %v", tt.verb, tt.args, err)
			continue
		}
		if diff := cmp.Diff(&tt.want, got, cmp.AllowUnexported(arguments{})); diff != "" {
			t.Errorf("%s %s:\n%s", tt.verb, tt.args, diff)
		}
	}
}

func TestParseArgsRefuses(t *testing.T) {
	for line, want := range map[string]string{
		"run":                    "no package given",
		"run -tags":              "flag needs an argument: -tags",
		"build -overlay=x.json":  "-overlay is what netdev sets itself",
		"test -modfile go.mod .": "-modfile is what netdev sets itself",
	} {
		f := strings.Fields(line)
		_, err := parseArgs(f[0], f[1:])
		if _, ok := err.(ArgumentError); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an ArgumentError that says %q", line, err, want)
		}
	}
}

// The go command documents each flag on a line that begins with it.
func TestGoFlagsAreKnown(t *testing.T) {
	line := regexp.MustCompile(`(?m)^\t-([A-Za-z]+)( .*)?$`)
	for _, topic := range []string{"build", "test", "testflag"} {
		text, err := exec.Command("go", "help", topic).Output()
		if err != nil {
			t.Fatal(err)
		}
		flags := line.FindAllStringSubmatch(string(text), -1)
		if len(flags) < 3 {
			t.Errorf("go help %s has the flags %q", topic, flags)
		}
		for _, f := range flags {
			if !IsGoFlag(f[1]) {
				t.Errorf("-%s of go help %s is unknown", f[1], topic)
			}
			if boolean := f[2] == ""; boolean != (FlagWidth("-"+f[1]) == 1) && f[1] != "args" && f[1] != "shuffle" {
				t.Errorf("-%s takes up %d arguments, and is documented as %q", f[1], FlagWidth("-"+f[1]), f[0])
			}
		}
	}
	for _, name := range []string{"rate", "los", "mac"} {
		if IsGoFlag(name) {
			t.Errorf("-%s is no flag of the go command", name)
		}
	}
}
