package netdevtest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func sample(name string, outcomes ...Outcome) *Report {
	rep := &Report{Device: name}
	groups := []string{"Socket", "Socket", "Packet", "Ping"}
	for i, o := range outcomes {
		rep.Results = append(rep.Results, Result{ID: groups[i] + "-1", Group: groups[i], Outcome: o})
	}
	return rep
}

func TestMatrixHasAColumnForEachReport(t *testing.T) {
	var got strings.Builder
	err := Matrix(&got,
		sample("good", Passed, Passed, Passed, Skipped),
		sample("poor", Passed, Failed, Absent, Absent))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"        good  poor",
		"Socket  ✔ 2   ✘ 1/2",
		"",
		"Packet  ✔ 1   –",
		"Ping    ? 1   –",
		"",
	}, "\n")
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("matrix (-want +got):\n%s", diff)
	}
}

func TestReportSurvivesJSON(t *testing.T) {
	want := sample("device", Passed, Failed, Absent, Skipped)
	want.Results[1].Detail = "Recv: 0, EOF"
	data, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), `"outcome":"failed"`) {
		t.Errorf("outcomes are not by name: %s", data)
	}
	got := new(Report)
	if err := json.Unmarshal(data, got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("after JSON (-want +got):\n%s", diff)
	}
	var o Outcome
	if err := o.UnmarshalText([]byte("perhaps")); err == nil {
		t.Error("an unknown outcome was read")
	}
}
