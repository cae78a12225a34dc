package netlink_test

import (
	"errors"
	"testing"
	"time"

	"github.com/netdev-go/netdev/netlink"
)

// The numbers and texts that TinyGo's drivers and programs were written for.

func TestConstantsAreThePublishedOnes(t *testing.T) {
	for name, c := range map[string][2]int{
		"EventNetUp":        {int(netlink.EventNetUp), 0},
		"EventNetDown":      {int(netlink.EventNetDown), 1},
		"ConnectModeSTA":    {netlink.ConnectModeSTA, 0},
		"ConnectModeAP":     {netlink.ConnectModeAP, 1},
		"AuthTypeWPA2":      {netlink.AuthTypeWPA2, 0},
		"AuthTypeOpen":      {netlink.AuthTypeOpen, 1},
		"AuthTypeWPA":       {netlink.AuthTypeWPA, 2},
		"AuthTypeWPA2Mixed": {netlink.AuthTypeWPA2Mixed, 3},
	} {
		if c[0] != c[1] {
			t.Errorf("%s = %d, want %d", name, c[0], c[1])
		}
	}
	if netlink.DefaultConnectTimeout != 10*time.Second {
		t.Errorf("DefaultConnectTimeout = %v", netlink.DefaultConnectTimeout)
	}
	// Untyped, so that they go into fields of another package's types.
	const _, _ uint8 = netlink.ConnectModeAP, netlink.AuthTypeWPA2Mixed
}

func TestErrorTextsAreThePublishedOnes(t *testing.T) {
	for text, err := range map[string]error{
		"Already connected":                     netlink.ErrConnected,
		"Connect failed":                        netlink.ErrConnectFailed,
		"Connect timed out":                     netlink.ErrConnectTimeout,
		"Missing WiFi SSID":                     netlink.ErrMissingSSID,
		"Invalid Wifi Passphrase < 8 chars":     netlink.ErrShortPassphrase,
		"Wifi authentication failure":           netlink.ErrAuthFailure,
		"Wifi authorization type not supported": netlink.ErrAuthTypeNoGood,
		"Connect mode not supported":            netlink.ErrConnectModeNoGood,
		"Not supported":                         netlink.ErrNotSupported,
	} {
		if err.Error() != text {
			t.Errorf("%q, want %q", err, text)
		}
		if got, want := errors.Is(err, errors.ErrUnsupported), err == netlink.ErrNotSupported; got != want {
			t.Errorf("errors.Is(%q, errors.ErrUnsupported) = %v", err, got)
		}
	}
}

func TestEventsAndStatesHaveNames(t *testing.T) {
	for _, c := range []struct {
		got  interface{ String() string }
		want string
	}{
		{netlink.EventNetUp, "up"}, {netlink.EventNetDown, "down"}, {netlink.Event(9), "unknown"},
		{netlink.StateDown, "down"}, {netlink.StateConnecting, "connecting"}, {netlink.StateUp, "up"}, {netlink.State(9), "unknown"},
	} {
		if c.got.String() != c.want {
			t.Errorf("%#v is %q, want %q", c.got, c.got, c.want)
		}
	}
}

func TestValidate(t *testing.T) {
	for name, c := range map[string]struct {
		params netlink.ConnectParams
		want   error
	}{
		"empty":            {netlink.ConnectParams{}, netlink.ErrMissingSSID},
		"passphrase":       {netlink.ConnectParams{Ssid: "a", Passphrase: "12345678"}, nil},
		"short":            {netlink.ConnectParams{Ssid: "a", Passphrase: "1234567"}, netlink.ErrShortPassphrase},
		"open by default":  {netlink.ConnectParams{Ssid: "a"}, nil},
		"open":             {netlink.ConnectParams{Ssid: "a", AuthType: netlink.AuthTypeOpen, Passphrase: "x"}, nil},
		"WPA without":      {netlink.ConnectParams{Ssid: "a", AuthType: netlink.AuthTypeWPA}, netlink.ErrShortPassphrase},
		"access point":     {netlink.ConnectParams{Ssid: "a", ConnectMode: netlink.ConnectModeAP}, nil},
		"unknown mode":     {netlink.ConnectParams{Ssid: "a", ConnectMode: 2}, netlink.ErrConnectModeNoGood},
		"negative mode":    {netlink.ConnectParams{Ssid: "a", ConnectMode: -1}, netlink.ErrConnectModeNoGood},
		"unknown auth":     {netlink.ConnectParams{Ssid: "a", AuthType: 4}, netlink.ErrAuthTypeNoGood},
		"negative auth":    {netlink.ConnectParams{Ssid: "a", AuthType: -1}, netlink.ErrAuthTypeNoGood},
		"mode before SSID": {netlink.ConnectParams{ConnectMode: 2}, netlink.ErrConnectModeNoGood},
	} {
		if got := c.params.Validate(); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
