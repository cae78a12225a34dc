//go:build !tinygo

package dns

import (
	"slices"
	"strings"
	"testing"
	"time"

	miekg "github.com/miekg/dns"
)

func TestNamesOfHosts(t *testing.T) {
	label := strings.Repeat("a", 63)
	long := strings.Repeat(label+".", 3)
	for name, want := range map[string]bool{
		"a":                       true,
		"www.example":             true,
		"WWW.EXAMPLE":             true,
		"a-b.example":             true,
		"_dns.example":            true,
		"xn--bcher-kva.example":   true,
		"1and1.example":           true,
		"4.3.2.1.in-addr.arpa":    true,
		"1.2.3.4a":                true,
		label + ".example":        true,
		long + label[:61]:         true, // 253 bytes
		long + label[:62]:         false,
		label + "a.example":       false,
		"":                        false,
		".":                       false,
		".example":                false,
		"a..example":              false,
		"example.":                false, // the final dot is not the name's
		"-a.example":              false,
		"a-.example":              false,
		"a.example-":              false,
		"a b.example":             false,
		"a\x00.example":           false,
		"bücher.example":          false,
		"1.2.3.4":                 false,
		"256.1":                   false,
		"www.example.1":           false,
		"http://www.example":      false,
		"www.example:80":          false,
		`a\.b.example`:            false,
		"[::1]":                   false,
		strings.Repeat("a.", 200): false,
	} {
		if got := validName(name); got != want {
			t.Errorf("%q can be a host's name: %v, want %v", name, got, want)
		}
		if _, ok := miekg.IsDomainName(name); want && !ok {
			t.Errorf("miekg/dns does not take %q for a name", name)
		}
	}
}

func TestCandidates(t *testing.T) {
	lan := []string{"lan", "corp.example.", ""}
	many := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	for _, test := range []struct {
		host   string
		search []string
		ndots  int
		want   []string
	}{
		{"www", nil, 1, []string{"www"}},
		{"www", lan, 1, []string{"www.lan", "www.corp.example", "www"}},
		{"www.", lan, 1, []string{"www"}},
		{"www", lan, 0, []string{"www", "www.lan", "www.corp.example"}},
		{"a.b", lan, 1, []string{"a.b", "a.b.lan", "a.b.corp.example"}},
		{"a.b", lan, 2, []string{"a.b.lan", "a.b.corp.example", "a.b"}},
		{"a.b.", lan, 2, []string{"a.b"}},
		{"w", many, 1, []string{"w.a", "w.b", "w.c", "w.d", "w.e", "w.f", "w"}},
		{"w", []string{strings.Repeat("x", 64), "bad domain", strings.Repeat("y.", 126) + "z"}, 1, []string{"w"}},
	} {
		if got := candidates(test.host, test.search, test.ndots); !slices.Equal(got, test.want) {
			t.Errorf("candidates(%q, %q, %d) = %q, want %q", test.host, test.search, test.ndots, got, test.want)
		}
	}
}

func TestWithin(t *testing.T) {
	for _, test := range []struct {
		name string
		want bool
	}{{"localhost", true}, {"a.LOCALHOST", true}, {"a.b.localhost", true}, {"mylocalhost", false}, {"localhost.example", false}, {"ocalhost", false}} {
		if got := within(test.name, "localhost"); got != test.want {
			t.Errorf("%q is within localhost: %v", test.name, got)
		}
	}
}

func TestLower(t *testing.T) {
	for name, want := range map[string]string{"": "", "a1-z": "a1-z", "AZaz[@`{": "azaz[@`{", "aB": "ab", "ABC": "abc"} {
		if got := lower(name); got != want {
			t.Errorf("lower(%q) = %q", name, got)
		}
	}
}

func TestLifetime(t *testing.T) {
	for ttl, want := range map[uint32]time.Duration{0: 0, 1: time.Second, 1<<31 - 1: (1<<31 - 1) * time.Second, 1 << 31: 0, 1<<32 - 1: 0} {
		if got := lifetime(ttl); got != want {
			t.Errorf("a TTL of %d is %v", ttl, got)
		}
	}
}
