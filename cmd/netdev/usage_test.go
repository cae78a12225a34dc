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
		{"ping -jsn localhost", "unknown flag: -jsn; did you mean -json?"},
		{"ping -los 1% localhost", "unknown flag: -los; did you mean -loss?"},
		{"run -los 1% .", "unknown flag: -los; did you mean -loss?"},
		{"test -pacp=x .", "unknown flag: -pacp; did you mean -pcap?"},
		{"build -devcie host .", "unknown flag: -devcie; did you mean -device?"},
		{"run -loss .", "loss \".\": . is no percentage such as 1%"},
		{"run -loss 1 .", "-loss \"1\": 1 is no percentage such as 1%"},
		{"run -delay 20 .", "-delay \"20\": 20 is no duration such as 20ms"},
		{"run -rate fast .", "-rate \"fast\": fast is no number with a unit of gbit, mbit, kbit, bit"},
		{"run -p 8080: .", "-p \"8080:\": want HOSTPORT:BOARDPORT such as 8080:80"},
		{"run -name Web .", "-name \"Web\": want at most 63 lower-case letters"},
		{"run -addr here .", "-addr \"here\": want an IPv4 address such as 10.0.2.20"},
		{"run -mac 1:2 .", "-mac \"1:2\": want six bytes such as 02:00:00:00:00:01"},
		{"run -profile big .", "-profile \"big\": want small or host"},
		{"run -network ../x .", "-network \"../x\": want a short name such as lab"},
		{"run -seed dice .", "-seed \"dice\": want a whole number such as 1"},
		{"run -device host -loss 1% .", "device host has no setting loss; it is one of stack"},
		{"get -device bare -pcap x http://localhost/", "device bare has no setting pcap; it is one of stack"},
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
		{"devices modem", `unknown device "modem"; the devices are stack, host, bare`},
		{"devices host bare", "devices takes one name, and was given 2 arguments"},
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
				wants := []string{cmd.Long, "netdev " + cmd.Use, cmd.Example}
				if cmd.Flags().Lookup("device") != nil {
					wants = append(wants, "\nFlags of the device stack:\n  -p 8080:80 ", "\n  -loss 1% ")
				}
				for _, want := range wants {
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
	if !strings.HasPrefix(out, "stack ") || !strings.Contains(out, "\nhost ") || !strings.Contains(out, "\nbare ") ||
		!strings.Contains(out, `"netdev devices stack" lists them`) {
		t.Errorf("devices are\n%s", out)
	}
	if out := tool(t, "devices", "stack").succeeds(t); !strings.Contains(out, "\n  -loss 1% ") || strings.Contains(out, "\nhost ") {
		t.Errorf("the stack is\n%s", out)
	}
	if out := tool(t, "devices", "bare").succeeds(t); !strings.HasPrefix(out, "bare ") || strings.Count(out, "\n") != 1 {
		t.Errorf("bare is\n%s", out)
	}
	var list []struct {
		Name, Summary string
		Settings      []struct{ Key, Example, Text string }
	}
	if err := json.Unmarshal([]byte(tool(t, "devices", "-json").succeeds(t)), &list); err != nil {
		t.Fatal(err)
	}
	if len(list) < 3 || list[0].Name != "stack" || list[0].Summary == "" || len(list[0].Settings) < 10 || list[0].Settings[0].Key != "p" {
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
	devices := []string{"stack\t", "host\t", "bare\t"}
	for _, c := range []struct {
		line []string
		want []string
	}{
		{[]string{"co"}, []string{"conform\t", "completion\t"}},
		{[]string{"run", "-device", ""}, devices},
		{[]string{"test", "--device", ""}, devices},
		{[]string{"build", "-device="}, []string{"-device=host\t", "-device=bare\t"}},
		{[]string{"run", "-"}, []string{"-device\t", "-quiet\t", "-p\t", "-loss\t", "-pcap\t"}},
		{[]string{"run", "-loss", ""}, []string{"1%\t"}},
		{[]string{"run", "-profile="}, []string{"-profile=small\n", "-profile=host\n"}},
		{[]string{"run", "-pcap", ""}, []string{":0\n"}}, // any file
		{[]string{"get", "-delay", ""}, []string{"20ms\t"}},
		{[]string{"devices", ""}, devices},
		{[]string{"run", ""}, []string{"go\n", ":8\n"}}, // directories and .go files
		{[]string{"run", "-device", "bare", "./ex"}, []string{"go\n", ":8\n"}},
		{[]string{"ping", "-device", ""}, devices},
		{[]string{"conform", "-json", "-device", ""}, devices},
		{[]string{"listen", "-device=bare", "--ec"}, []string{"--echo\t"}},
		{[]string{"devices", "host", ""}, []string{":4\n"}}, // no files
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
