package radio_test

import (
	"testing"

	"github.com/netdev-go/netdev/sim/radio"
)

func TestAnAccessPointGoesAwayAndComesBack(t *testing.T) {
	air := radio.New(radio.AccessPoint{SSID: "home", Passphrase: "correct horse", Security: radio.WPA2, RSSI: -40})
	if _, err := air.Join("office", "", nil); err != radio.ErrNoAccessPoint {
		t.Errorf("another name: %v", err)
	}
	if _, err := air.Join("home", "wrong horse", nil); err != radio.ErrWrongPassphrase {
		t.Errorf("another passphrase: %v", err)
	}
	lost := 0
	s, err := air.Join("home", "correct horse", func() { lost++ })
	if err != nil || s.AccessPoint().RSSI != -40 {
		t.Fatalf("Join = %v, %v", s, err)
	}
	gone, _ := air.Join("home", "correct horse", func() { t.Error("a station that has left was told") })
	gone.Leave()
	air.Drop("home")
	air.Drop("home")
	if lost != 1 || len(air.Scan()) != 0 {
		t.Errorf("told %d times; %d access points are there", lost, len(air.Scan()))
	}
	if _, err := air.Join("home", "correct horse", nil); err != radio.ErrNoAccessPoint {
		t.Errorf("while it is away: %v", err)
	}
	air.Return("home")
	air.SetPassphrase("home", "new horse")
	if _, err := air.Join("home", "correct horse", nil); err != radio.ErrWrongPassphrase {
		t.Errorf("the old passphrase: %v", err)
	}
	if _, err := air.Join("home", "new horse", nil); err != nil {
		t.Error(err)
	}
}

func TestAnywhereAnswersToEveryName(t *testing.T) {
	air := radio.Anywhere()
	if _, err := air.Join("my network", "my secret", nil); err != nil {
		t.Error(err)
	}
	if len(air.Scan()) != 1 {
		t.Error("nothing to scan")
	}
}
