package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	// What the programs are made of, so that go test does not take the outcome of an
	// older one for that of this.
	_ "github.com/netdev-go/netdev/bench/size/internal/nic"
	_ "github.com/netdev-go/netdev/net"
	_ "github.com/netdev-go/netdev/stack"
)

// A program has the code of what it uses. What it has is looked for too, so that a
// name that has changed does not pass for one that is not linked.
func TestWhatAProgramDoesNotUseIsNotLinked(t *testing.T) {
	const (
		engine   = "/stack/tcp.(*Engine).Input"
		accept   = "/stack/tcp.(*Listener).take"
		cookies  = "/stack/tcp.(*Listener).sendCookie"
		bbr      = "/stack/tcp/congestion.(*bbr)."
		dhcp     = "/dhcp.(*Client)."
		names    = "/dns.(*Client)."
		igmp     = "/stack/internal/igmp.(*Host)."
		long     = "/internal/gso.Cut"
		datagram = "/stack.(*Stack).inputUDP"
	)
	for program, c := range map[string]struct{ has, lacks []string }{
		"udp":         {[]string{datagram}, []string{engine, long, accept, cookies, bbr, dhcp, names, igmp}},
		"udpnet":      {[]string{datagram}, []string{engine, long, accept, cookies, bbr, dhcp, names, igmp}},
		"client":      {[]string{datagram, engine}, []string{accept, cookies, bbr, dhcp, names, igmp}},
		"clientnames": {[]string{datagram, engine, dhcp, names}, []string{accept, cookies, bbr, igmp}},
		"full":        {[]string{datagram, engine, long, accept, cookies, bbr, dhcp, names, igmp}, nil},
	} {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			if _, err := os.ReadFile(filepath.Join("programs", program, "main.go")); err != nil { // for the same reason
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), program)
			// As for this machine, whose standard library has been compiled.
			if err := build(program, file, "", "GOOS=linux"); err != nil {
				t.Fatal(err)
			}
			im, err := read(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range c.has {
				if im.find(name) == "" {
					t.Errorf("%s* is not linked: it was looked for under a wrong name", name)
				}
			}
			for _, name := range c.lacks {
				if f := im.find(name); f != "" {
					t.Errorf("%s is linked", f)
				}
			}
		})
	}
}

func TestAProgramThatIsNotThereIsToldWithThoseThatAre(t *testing.T) {
	if err := listFunctions("nothing"); err == nil || !strings.Contains(err.Error(), "udp, udpnet, client") {
		t.Error(err)
	}
}

// find returns the name of a function of ours that begins so.
func (im *image) find(name string) string {
	for _, f := range im.functions {
		if strings.HasPrefix(f.name, module+name) {
			return f.name
		}
	}
	return ""
}

func TestTheNameOfASymbolTellsItsPackage(t *testing.T) {
	for symbol, want := range map[string]string{
		"main.main": "main",
		"github.com/netdev-go/netdev.As[go.shape.interface { Poll(int) }]": "github.com/netdev-go/netdev",
		"github.com/netdev-go/netdev/stack.(*Stack).input":                 "github.com/netdev-go/netdev/stack",
		"type:.eq.github.com/netdev-go/netdev/stack/tcp.Conn":              "github.com/netdev-go/netdev/stack/tcp",
		"_start": "",
	} {
		if got := packageOf(symbol); got != want {
			t.Errorf("packageOf(%q) = %q, want %q", symbol, got, want)
		}
	}
}
