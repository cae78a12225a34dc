package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestACommandLineThatIsWrong(t *testing.T) {
	for _, c := range []struct {
		line string
		want string
	}{
		{"rum", `unknown command "rum"; did you mean run?`},
		{"frobnicate", `unknown command "frobnicate"`},
		{"-frobnicate", "unknown flag: --frobnicate"},
		{"run", "no package given; try: netdev run ./examples/webserver"},
		{"run -device", "flag needs an argument: -device"},
		{"run -device host", "no package given"},
		{"run -device toaster .", `unknown device "toaster"; the devices are stack, host, bare`},
		{"run --device=toaster .", `unknown device "toaster"`},
		{"run -race -device toaster .", `unknown device "toaster"`},
		{"run -tags", "flag needs an argument: -tags"},
		{"run -overlay x.json .", "-overlay is what netdev sets itself"},
		{"build -o", "flag needs an argument: -o"},
		{"test -device toaster", `unknown device "toaster"`},
		{"conform -device toaster", `unknown device "toaster"`},
		{"conform -run (", "missing closing )"},
		{"conform -run ^NOTHING$", "no rule matches"},
		{"conform host", "conform takes no arguments"},
		{"ping", "ping takes a host"},
		{"ping a b", "ping takes a host, and was given 2 arguments"},
		{"ping -jsn localhost", "unknown flag: --jsn"},
		{"ping -c many localhost", `invalid argument "many"`},
		{"ping -c -1 localhost", "-c and -i take 0 or more"},
		{"ping -timeout 0s localhost", "-timeout more than 0"},
		{"ping -device toaster localhost", `unknown device "toaster"`},
		{"ping -device", "flag needs an argument: --device"},
		{"resolve", "resolve takes a name"},
		{"resolve -4 -6 localhost", "-4 and -6 exclude each other"},
		{"get", "get takes a URL"},
		{"get localhost:80", "is not a URL of HTTP; write http://HOST/"},
		{"get ftp://localhost/", "is not a URL of HTTP"},
		{"get http://%zz/", "invalid URL escape"},
		{"get -H novalue http://localhost/", `"novalue" is not of the form`},
		{"listen 9000", "missing port in address; an address is HOST:PORT, or :PORT"},
		{"listen :1 :2", "listen takes one address"},
		{"devices all", "devices takes no arguments"},
		{"version 2", "version takes no arguments"},
	} {
		t.Run(c.line, func(t *testing.T) {
			t.Parallel()
			o := tool(t, strings.Fields(c.line)...)
			o.fails(t, exitUsage, "netdev: ", c.want, ` --help" for how it is used.`)
			if strings.Count(o.stderr, "\n") != 2 {
				t.Errorf("more is said than the error and the help:\n%s", o.stderr)
			}
		})
	}
}

func TestEveryCommandTeaches(t *testing.T) {
	for _, cmd := range newRoot().Commands() {
		t.Run(cmd.Name(), func(t *testing.T) {
			if cmd.Long == "" || cmd.Example == "" || cmd.Short == "" {
				t.Error("a command has a line, a text and an example")
			}
			if cmd.ValidArgsFunction == nil {
				t.Error("nothing completes its arguments")
			}
			for line := range strings.Lines(cmd.Long) {
				if len(line) > 80+len("\n") {
					t.Errorf("wider than a terminal: %s", line)
				}
			}
		})
		for _, flag := range []string{"-h", "-help", "--help"} {
			t.Run(cmd.Name()+" "+flag, func(t *testing.T) {
				t.Parallel()
				out := tool(t, cmd.Name(), flag).succeeds(t)
				for _, want := range []string{cmd.Long, "netdev " + cmd.Use, cmd.Example} {
					if !strings.Contains(out, want) {
						t.Errorf("no %q in\n%s", want, out)
					}
				}
			})
		}
	}
}

func TestHelpDocumentsExitCodes(t *testing.T) {
	t.Parallel()
	plain := tool(t).succeeds(t)
	if help := tool(t, "help").succeeds(t); help != plain {
		t.Errorf("netdev prints\n%s\nnetdev help prints\n%s", plain, help)
	}
	for _, want := range []string{"Exit codes:", "\n  1 ", "\n  2 ", "\n  130 ", "program's own", "go command's"} {
		if !strings.Contains(plain, want) {
			t.Errorf("no %q in\n%s", want, plain)
		}
	}
}

func TestDevices(t *testing.T) {
	t.Parallel()
	out := tool(t, "devices").succeeds(t)
	if !strings.HasPrefix(out, "host ") || !strings.Contains(out, "\nbare ") {
		t.Errorf("devices are\n%s", out)
	}
	var list []map[string]string
	if err := json.Unmarshal([]byte(tool(t, "devices", "-json").succeeds(t)), &list); err != nil {
		t.Fatal(err)
	}
	if len(list) < 2 || list[0]["name"] != "host" || list[0]["summary"] == "" || len(list[0]) != 2 {
		t.Errorf("as JSON they are %v", list)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	out := tool(t, "version").succeeds(t)
	var v map[string]string
	if err := json.Unmarshal([]byte(tool(t, "version", "--json").succeeds(t)), &v); err != nil {
		t.Fatal(err)
	}
	if want := "netdev " + v["version"] + " " + v["go"] + " " + v["os"] + "/" + v["arch"] + "\n"; out != want || v["go"] == "" {
		t.Errorf("version is %q, as JSON %v", out, v)
	}
}

func TestCompletion(t *testing.T) {
	devices := []string{"host\t", "bare\t"}
	for _, c := range []struct {
		line []string
		want []string
	}{
		{[]string{"co"}, []string{"conform\t", "completion\t"}},
		{[]string{"run", "-device", ""}, devices},
		{[]string{"test", "--device", ""}, devices},
		{[]string{"build", "-device="}, []string{"-device=host\t", "-device=bare\t"}},
		{[]string{"run", "-"}, []string{"-device\t"}},
		{[]string{"run", ""}, []string{"go\n", ":8\n"}}, // directories and .go files
		{[]string{"run", "-device", "bare", "./ex"}, []string{"go\n", ":8\n"}},
		{[]string{"ping", "-device", ""}, devices},
		{[]string{"conform", "-json", "-device", ""}, devices},
		{[]string{"listen", "-device=bare", "--ec"}, []string{"--echo\t"}},
		{[]string{"devices", ""}, []string{":4\n"}}, // no files
	} {
		t.Run(strings.Join(c.line, " "), func(t *testing.T) {
			t.Parallel()
			o := tool(t, append([]string{"__complete"}, c.line...)...)
			if o.code != 0 {
				t.Fatalf("exit code %d: %s", o.code, o.stderr)
			}
			for _, w := range c.want {
				if !strings.Contains("\n"+o.stdout, "\n"+w) {
					t.Errorf("no %q in\n%s", w, o.stdout)
				}
			}
		})
	}
}
