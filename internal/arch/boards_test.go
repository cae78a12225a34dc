package arch

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// boards are build tags of TinyGo's targets, or to be given with -tags, for each of
// which netlink/probe has a Probe.
var boards = []string{
	"ninafw arduino_nano33", "ninafw nano_rp2040", "ninafw arduino_mkrwifi1010",
	"wioterminal", "challenger_rp2040", "w5500_evb_pico",
}

// The board files compile against a package machine of TinyGo's shape, and each
// board has one Probe.
func TestBoardFilesCompile(t *testing.T) {
	machine, err := filepath.Abs("testdata/machine/machine.go")
	if err != nil {
		t.Fatal(err)
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(t.TempDir(), "overlay.json")
	replace, err := json.Marshal(map[string]map[string]string{
		"Replace": {filepath.Join(strings.TrimSpace(string(root)), "src", "machine", "machine.go"): machine},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(overlay, replace, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tags := range boards {
		program := filepath.Join(t.TempDir(), "blinky.go")
		if err := os.WriteFile(program, []byte(blinky), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("go", "build", "-overlay", overlay,
			"-tags", "tinygo,"+strings.ReplaceAll(tags, " ", ","), program)
		cmd.Dir = "../.."
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", tags, err, out)
		}
	}
}

// blinky is the least that a program does with its board's device.
const blinky = `package blinky

import (
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/netlink/probe"
)

func Blink() {
	link, dev := probe.Probe()
	link.NetConnect(&netlink.ConnectParams{Ssid: "home"})
	dev.Addr()
}
`
