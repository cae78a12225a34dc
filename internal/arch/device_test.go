package arch

import (
	"slices"
	"strings"
	"testing"
)

// devicePackages run on boards, built by TinyGo.
var devicePackages = []string{".", "netlink", "net", "wire/*", "dhcp", "dns", "mdns", "stack", "drivers/*"}

func isDevice(p string) bool {
	return p == "." || p != "" && slices.ContainsFunc(devicePackages, func(root string) bool {
		return root != "." && within(root, p)
	})
}

// Boards have no room for what these bring along.
var tooHeavy = []string{"encoding/json", "encoding/xml", "expvar", "flag", "fmt", "html/template", "log", "log/slog", "reflect", "testing", "text/template"}

// The modules that go into boards with us. All others are for hosts.
var boardModules = []string{"golang.org/x/net/dns/dnsmessage"}

// listDevice lists what of ours is in the build for a board: the device packages
// and what they stand on, each after its imports; and all of the build.
func listDevice(t *testing.T) (device, all []pkg) {
	t.Helper()
	all = goList(t, []string{"GOOS=linux", "CGO_ENABLED=0"}, "-tags=tinygo", "-deps", "./...")
	reached := map[string]bool{}
	for _, p := range all {
		if isDevice(rel(p.ImportPath)) {
			reached[p.ImportPath] = true
			for _, path := range p.Deps {
				reached[path] = true
			}
		}
	}
	for _, p := range all {
		if reached[p.ImportPath] && rel(p.ImportPath) != "" {
			if p.Error != nil {
				t.Errorf("%s: %s", rel(p.ImportPath), p.Error.Err)
			}
			device = append(device, p)
		}
	}
	if !reached[module] {
		t.Fatal("go list did not find the module's root")
	}
	return device, all
}

func TestDevicePackagesImportNothingHeavy(t *testing.T) {
	device, _ := listDevice(t)
	for _, p := range device {
		for _, path := range p.Imports {
			if slices.Contains(tooHeavy, path) {
				t.Errorf("%s imports %s in a file that TinyGo builds", rel(p.ImportPath), path)
			}
		}
	}
}

func TestHostLibrariesReachNoDevicePackage(t *testing.T) {
	device, deps := listDevice(t)
	standard := map[string]bool{"C": true}
	for _, p := range deps {
		standard[p.ImportPath] = p.Standard
	}
	for _, p := range device {
		for _, path := range p.Deps {
			inside := rel(path)
			switch {
			case standard[path], slices.ContainsFunc(boardModules, func(m string) bool { return under(m, path) }):
			case inside == "":
				t.Errorf("%s is built of %s, which is for hosts", rel(p.ImportPath), path)
			case !isDevice(inside) && !strings.HasPrefix(inside, "internal/"):
				t.Errorf("%s is built of %s, which does not run on boards", rel(p.ImportPath), inside)
			}
		}
	}
}
