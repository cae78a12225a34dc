package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// mayPing skips where the kernel forbids it.
func mayPing(t *testing.T) {
	t.Helper()
	if o := tool(t, "ping", "-device", "host", "-c", "1", "127.0.0.1"); strings.Contains(o.stdout, "ping_group_range") {
		t.Skipf("this user may not ping: %s", o.stdout)
	}
}

func TestPing(t *testing.T) {
	t.Parallel()
	mayPing(t)
	t.Run("for people", func(t *testing.T) {
		t.Parallel()
		out := tool(t, "ping", "-device", "host", "-c", "2", "-i", "10ms", "localhost").succeeds(t)
		want := regexp.MustCompile(`^pinging localhost \((127\.0\.0\.1|::1)\) with 56 bytes
1: [0-9.]+[µm]s
2: [0-9.]+[µm]s
2 sent, 2 answered; least [0-9.]+[µm]s, mean [0-9.]+[µm]s, most [0-9.]+[µm]s
$`)
		if !want.MatchString(out) {
			t.Errorf("printed\n%swant\n%s", out, want)
		}
	})
	t.Run("for programs", func(t *testing.T) {
		t.Parallel()
		var res struct {
			Host, Address  string
			Sent, Received int
			Echoes         []struct {
				Seq  int
				Time int `json:"time_ns"`
			}
		}
		if err := json.Unmarshal([]byte(tool(t, "ping", "-device", "host", "-json", "-c=2", "-i=1ms", "127.0.0.1").succeeds(t)), &res); err != nil {
			t.Fatal(err)
		}
		if res.Host != "127.0.0.1" || res.Address != "127.0.0.1" || res.Sent != 2 || res.Received != 2 ||
			len(res.Echoes) != 2 || res.Echoes[1].Seq != 2 || res.Echoes[1].Time <= 0 {
			t.Errorf("the result is %+v", res)
		}
	})
	t.Run("until it is interrupted", func(t *testing.T) {
		t.Parallel()
		p := start(t, "ping", "-device", "host", "-i", "1h", "127.0.0.1")
		p.line(p.stdout, "1: ")
		o := p.interrupt()
		if o.code != 0 || !strings.HasPrefix(o.stdout, "\n1 sent, 1 answered; ") || o.stderr != "" {
			t.Errorf("interrupted: %+v", o)
		}
	})
	t.Run("nothing answers", func(t *testing.T) {
		t.Parallel()
		o := tool(t, "ping", "-device", "host", "-c", "1", "-timeout", "50ms", "255.255.255.255")
		if o.code != exitFailed || !strings.Contains(o.stdout, "1 sent, 0 answered\n") || !strings.Contains(o.stderr, "no answer from 255.255.255.255") {
			t.Errorf("%+v", o)
		}
	})
}

func TestPingOnADeviceThatCannot(t *testing.T) {
	t.Parallel()
	tool(t, "ping", "-device", "bare", "-c", "1", "127.0.0.1").fails(t, exitFailed, "device bare cannot ping", "try ")
}

func TestResolve(t *testing.T) {
	t.Parallel()
	for _, device := range []string{"host", "bare"} {
		if out := tool(t, "resolve", "-device", device, "-4", "localhost").succeeds(t); out != "127.0.0.1\n" {
			t.Errorf("on %s: %q", device, out)
		}
		tool(t, "resolve", "-device", device, "nosuch.onion").fails(t, exitFailed, "lookup nosuch.onion", "no such host")
	}
	if out := tool(t, "resolve", "-device", "host", "-6", "::1").succeeds(t); out != "::1\n" {
		t.Errorf("an address is %q", out)
	}
	tool(t, "resolve", "-device", "host", "-6", "127.0.0.1").fails(t, exitFailed, "no suitable address found")
	var res struct {
		Name      string
		Addresses []string
	}
	if err := json.Unmarshal([]byte(tool(t, "resolve", "-device", "host", "-json", "-4", "localhost").succeeds(t)), &res); err != nil {
		t.Fatal(err)
	}
	if res.Name != "localhost" || len(res.Addresses) != 1 || res.Addresses[0] != "127.0.0.1" {
		t.Errorf("as JSON: %+v", res)
	}
}
