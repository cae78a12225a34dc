package overlay

import (
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
