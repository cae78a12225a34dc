package main

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what is generated into README.md")

// The table of capabilities in the README is what the devices have.
func TestREADMEHasTheCapabilities(t *testing.T) {
	const file, begin, end = "../../README.md", "<!-- netdev devices -capabilities -->\n", "<!-- end -->\n"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(b), begin)
	got, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("README.md has no lines %q and %q", begin, end)
	}
	want := tool(t, "devices", "-capabilities").succeeds(t)
	if *update {
		if err := os.WriteFile(file, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != want {
		t.Errorf("the table in README.md is not that of the devices; go test ./cmd/netdev -run README -update writes it:\n%s", want)
	}
}
