package congestion

import "testing"

func TestAlgorithmsAreFoundByWhatUsersCallThem(t *testing.T) {
	all := []Algorithm{NewReno, Cubic, BBR}
	for name, want := range map[string]Algorithm{
		"reno": NewReno, "newreno": NewReno, "cubic": Cubic, "bbr": BBR,
		"vegas": nil, "Reno": nil, "": nil,
	} {
		if got := Find(name, all...); got != want {
			t.Errorf("%q is %v, want %v", name, got, want)
		}
	}
	for _, name := range []string{"reno", "newreno"} {
		if got := Find(name, Cubic, BBR); got != nil {
			t.Errorf("%s among others is %v", name, got)
		}
	}
}
