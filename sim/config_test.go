package sim

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/netdev-go/netdev/stack/tcp/congestion"
)

func TestForwardIsReadAsDockerWritesIt(t *testing.T) {
	ap := netip.MustParseAddrPort
	for text, want := range map[string]Forward{
		"8080:80":             {"tcp", ap("127.0.0.1:8080"), 80},
		"0:80":                {"tcp", ap("127.0.0.1:0"), 80},
		"0.0.0.0:8080:80/tcp": {"tcp", ap("0.0.0.0:8080"), 80},
		"[::1]:53:53/udp":     {"udp", ap("[::1]:53"), 53},
	} {
		got, err := ParseForward(text)
		if err != nil || got != want {
			t.Errorf("ParseForward(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "80", "8080:", ":80", "8080:0", "8080:65536", "8080:80/icmp", "host:8080:80", "8080:80:90"} {
		if f, err := ParseForward(text); err == nil {
			t.Errorf("ParseForward(%q) = %v", text, f)
		}
	}
}

func TestSettingsAreFlagsOfTheConfig(t *testing.T) {
	var c Config
	for _, kv := range [][2]string{
		{"p", "8080:80"}, {"p", "5353:53/udp"}, {"name", "web"}, {"addr", "10.0.2.20"}, {"mac", "02:00:00:00:00:07"},
		{"profile", "small"}, {"congestion", "bbr"}, {"pcap", "out.pcapng"}, {"network", "lab"}, {"seed", "0x10"}, {"loss", "1%"}, {"delay", "20ms"},
	} {
		if err := c.Set(kv[0], kv[1]); err != nil {
			t.Error(err)
		}
	}
	want := Config{
		Name: "web", Addr: netip.MustParsePrefix("10.0.2.20/24"), MAC: [6]byte{2, 0, 0, 0, 0, 7}, Small: true, Congestion: congestion.BBR,
		Forwards: []Forward{
			{"tcp", netip.MustParseAddrPort("127.0.0.1:8080"), 80},
			{"udp", netip.MustParseAddrPort("127.0.0.1:5353"), 53},
		},
		Pcap: "out.pcapng", Network: "lab", Seed: 16,
	}
	want.Impairment.Loss, want.Impairment.Delay = 0.01, 20e6
	if d := cmp.Diff(want, c, cmpopts.EquateComparable(netip.Prefix{}, netip.AddrPort{})); d != "" {
		t.Error(d)
	}
}

func TestEachSettingIsKnownAndRefusesNonsense(t *testing.T) {
	Settings(func(key, example, text string) {
		if text == "" {
			t.Errorf("%s: what it is for is not said", key)
		}
		if example, _, _ := strings.Cut(example, " ["); new(Config).Set(key, example) != nil {
			t.Errorf("%s: its example %q is wrong", key, example)
		}
		nonsense := "\x00/ :: nonsense"
		if key == "pcap" {
			nonsense = "" // any other text is a file's name
		}
		var c Config
		err := c.Set(key, nonsense)
		if err == nil || !strings.HasPrefix(err.Error(), key) {
			t.Errorf("%s: %v", key, err)
		}
		if d := cmp.Diff(Config{}, c, cmpopts.EquateComparable(netip.Prefix{}, netip.AddrPort{})); d != "" {
			t.Errorf("%s changed the configuration: %s", key, d)
		}
	})
	if err := new(Config).Set("colour", "red"); err == nil {
		t.Error("an unknown setting was taken")
	}
}

func TestACongestionControlHasTheNameThatLinuxHasForIt(t *testing.T) {
	for name, want := range map[string]congestion.Algorithm{
		"reno": congestion.NewReno, "newreno": congestion.NewReno, "cubic": congestion.Cubic, "bbr": congestion.BBR,
	} {
		var c Config
		if err := c.Set("congestion", name); err != nil || c.Congestion != want {
			t.Errorf("%s: %v, %v", name, c.Congestion, err)
		}
	}
}

func TestAStaticAddressIsOneOfTheNetwork(t *testing.T) {
	for text, ok := range map[string]bool{
		"10.0.2.2": true, "10.0.2.254/24": true, "10.0.2.20/16": true,
		"10.0.2.0": false, "10.0.2.1": false, "10.0.2.255": false, "10.0.3.4": false, "192.168.1.5/24": false, "10.0.2.9/32": false, "fd00::1/64": false,
	} {
		if err := new(Config).Set("addr", text); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestHostNameOfAnyText(t *testing.T) {
	for text, want := range map[string]string{
		"webserver": "webserver", "Web_Server.go": "web-server-go", "--": "", "ü": "", strings.Repeat("a", 70): strings.Repeat("a", 63),
	} {
		if got := HostName(text); got != want {
			t.Errorf("HostName(%q) = %q, want %q", text, got, want)
		}
	}
}
