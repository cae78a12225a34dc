package contract

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netdevtest"
)

const root = "../../.."

func TestContractIsUpToDate(t *testing.T) {
	want, err := Markdown(root)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(root + "/docs/contract.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/contract.md is out of date: run go generate ./netdevtest")
	}
}

func TestContractHasEveryRule(t *testing.T) {
	text, err := Markdown(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range netdevtest.Groups() {
		for _, r := range g.Rules {
			if !bytes.Contains(text, []byte("| "+r.ID+" | "+r.Text)) {
				t.Errorf("%s is missing", r.ID)
			}
		}
	}
}

func TestErrorTableHasTheTexts(t *testing.T) {
	src, err := parse(root)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]errorRow)
	for _, e := range src.errors {
		found[e.name] = e
	}
	for name, err := range map[string]error{
		"ErrTimeout":      netdev.ErrTimeout,
		"ErrClosed":       netdev.ErrClosed,
		"ErrNotSupported": netdev.ErrNotSupported,
		"ErrConnRefused":  netdev.ErrConnRefused,
		"ErrHostUnknown":  netdev.ErrHostUnknown,
	} {
		if found[name].text != err.Error() {
			t.Errorf("%s: the table says %q, its text is %q", name, found[name].text, err.Error())
		}
	}
	if got := found["ErrConnRefused"].equals; got != "`syscall.ECONNREFUSED`" {
		t.Errorf("ErrConnRefused is %s", got)
	}
}

func TestOptionTableHasEachBlock(t *testing.T) {
	src, err := parse(root)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, g := range src.options {
		for _, o := range g.rows {
			names = append(names, o.name)
		}
	}
	all := strings.Join(names, " ")
	for _, name := range []string{"SO_LINGER", "TCP_KEEPINTVL", "IP_TTL", "IPV6_V6ONLY"} {
		if !strings.Contains(all, name) {
			t.Errorf("%s is missing from %s", name, all)
		}
	}
}
