package gateway

import (
	"net/netip"
	"testing"
)

func TestParseTarget(t *testing.T) {
	for text, want := range map[string]Target{
		"sensor:80":            {Name: "sensor", Port: 80},
		"Sensor:65535":         {Name: "sensor", Port: 65535},
		"10.0.2.15:443":        {Addr: netip.MustParseAddr("10.0.2.15"), Port: 443},
		"02:00:00:00:0a:01:80": {MAC: [6]byte{2, 0, 0, 0, 10, 1}, Port: 80},
	} {
		got, err := ParseTarget(text)
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
		if again, err := ParseTarget(got.String()); err != nil || again != got {
			t.Errorf("%q: its text is %q, which is %+v, %v", text, got, again, err)
		}
	}
	for _, text := range []string{"", "80", "sensor", "sensor:", "sensor:0", "sensor:65536", "sensor:http", ":80", "2001:db8::1:80"} {
		if got, err := ParseTarget(text); err == nil {
			t.Errorf("%q is %+v", text, got)
		}
	}
}

func TestATargetNamesOneBoard(t *testing.T) {
	for _, target := range []Target{
		{Port: 80},
		{Name: "sensor"},
		{Name: "sensor", Addr: netip.MustParseAddr("10.0.2.15"), Port: 80},
		{Name: "sensor", MAC: [6]byte{2}, Port: 80},
		{Addr: netip.MustParseAddr("2001:db8::1"), Port: 80},
	} {
		if err := target.validate(); err == nil {
			t.Errorf("%+v is taken", target)
		}
	}
}
