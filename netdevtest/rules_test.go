package netdevtest

import (
	"regexp"
	"strings"
	"testing"
)

func TestEveryRuleIsStatedAndTried(t *testing.T) {
	id := regexp.MustCompile(`^[A-Z]+-[1-9][0-9]*$`)
	seen := make(map[string]bool)
	for _, g := range Groups() {
		if len(g.Rules) == 0 {
			t.Errorf("group %s has no rules", g.Name)
		}
		if (g.Capability != "") != (g.has != nil) {
			t.Errorf("group %s is about capability %q, and looks for one: %v", g.Name, g.Capability, g.has != nil)
		}
		for _, r := range g.Rules {
			switch {
			case !id.MatchString(r.ID) || !strings.HasPrefix(r.ID, g.Prefix+"-"):
				t.Errorf("%s of group %s: the ID should be %s-number", r.ID, g.Name, g.Prefix)
			case seen[r.ID]:
				t.Errorf("there are two rules %s", r.ID)
			case r.Name == "" || r.Text == "":
				t.Errorf("%s has no name or no text", r.ID)
			case r.check == nil:
				t.Errorf("%s is not tried", r.ID)
			}
			seen[r.ID] = true
		}
	}
}

func TestSelectTakesRulesAndGroups(t *testing.T) {
	groups, err := selectGroups([]string{"RECV-2", "ping"})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, g := range groups {
		for _, r := range g.Rules {
			ids = append(ids, r.ID)
		}
	}
	if got := strings.Join(ids, " "); got != "RECV-2 PING-1 PING-2" {
		t.Errorf("RECV-2 and ping select %s", got)
	}
	if _, err := selectGroups([]string{"RECV-99"}); err == nil || !strings.Contains(err.Error(), "RECV-99") {
		t.Errorf("an unknown rule: %v, want an error that names it", err)
	}
}
