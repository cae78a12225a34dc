package main

import "testing"

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"loss", "loss", 0}, {"", "abc", 3}, {"abc", "", 3},
		{"los", "loss", 1}, {"losss", "loss", 1}, {"lass", "loss", 1}, {"lsos", "loss", 1},
		{"pacp", "pcap", 1}, {"dealy", "delay", 1}, {"kitten", "sitting", 3}, {"rate", "delay", 5},
	} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("from %q to %q it is %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"p", "loss", "delay", "network", "duplicate"}
	for word, want := range map[string]string{
		"los": "loss", "dleay": "delay", "netwrok": "network", "duplciat": "duplicate",
		"q": "", "pp": "", "frobnicate": "", "boss": "loss", "bass": "",
	} {
		if got := nearest(word, names); got != want {
			t.Errorf("%q may be %q, want %q", word, got, want)
		}
	}
}
