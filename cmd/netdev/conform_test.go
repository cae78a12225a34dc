package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/netdev-go/netdev/netdevtest"
)

func TestConform(t *testing.T) {
	t.Parallel()
	for _, device := range []string{"stack", "host", "bare", "wifinina", "rtl8720dn", "espat", "w5500"} {
		t.Run(device, func(t *testing.T) {
			t.Parallel()
			out := tool(t, "conform", "-device", device, "-run", "^(SOCK|RECV|PING)-", "-v").succeeds(t)
			for _, want := range []string{"\nRECV-2 ", " passed ", "        " + device + "\n", "\nRecv    ✔", "\nPing    ", " rules in "} {
				if !strings.Contains(out, want) {
					t.Errorf("no %q in\n%s", want, out)
				}
			}
			if strings.Contains(out, "Send") {
				t.Errorf("rules that were not asked for:\n%s", out)
			}
		})
	}
}

func TestConformJSON(t *testing.T) {
	t.Parallel()
	var r netdevtest.Report
	if err := json.Unmarshal([]byte(tool(t, "conform", "-quiet", "-json", "-run", "^RECV-[12] ").succeeds(t)), &r); err != nil {
		t.Fatal(err)
	}
	if r.Device != "stack" || len(r.Results) != 2 || r.Results[1].ID != "RECV-2" || r.Results[1].Outcome != netdevtest.Passed {
		t.Errorf("the report is %+v", r)
	}
}

func TestConformThatIsCutShort(t *testing.T) {
	t.Parallel()
	o := tool(t, "conform", "-timeout", "1ns")
	if o.code != exitFailed || !strings.Contains(o.stderr, "not all rules were tried within 1ns; give more with -timeout") {
		t.Errorf("%+v", o)
	}
}

func TestConformExplainsWhatIsBroken(t *testing.T) {
	r := &netdevtest.Report{Device: "chip", Elapsed: 20 * time.Millisecond, Results: []netdevtest.Result{
		{ID: "RECV-1", Group: "Recv", Name: "what is there", Text: "Recv does not wait.", Outcome: netdevtest.Passed},
		{ID: "RECV-2", Group: "Recv", Name: "EOF after FIN", Text: "The end is io.EOF.", Outcome: netdevtest.Failed, Detail: "Recv = 0, nil\nat line 2\n"},
	}}
	var out bytes.Buffer
	if err := printReport(&out, r, false); err != nil {
		t.Fatal(err)
	}
	const want = `      chip
Recv  ✘ 1/2

✘ RECV-2 EOF after FIN
    The end is io.EOF.
    Recv = 0, nil
    at line 2

2 rules in 20ms
`
	if out.String() != want {
		t.Errorf("printed\n%swant\n%s", &out, want)
	}
	if err := verdict(r); err == nil || err.Error() != "conform: device chip breaks 1 of 2 rules" {
		t.Errorf("the verdict is %v", err)
	}
}
