package arch

import (
	"strings"
	"testing"
)

// An arrow is a row of the design's table: what a package, and all below it that
// has no row of its own, may import of ours. They may always import each other.
type arrow struct {
	pkg     string
	imports []string
	host    []string // and this in files that only a host builds
}

// The first row that fits counts. "**" is everything but cmd, and internal/**
// are the ring buffers, checksums and such that belong to no floor.
var arrows = []arrow{
	{pkg: "."},
	{pkg: "netlink/probe", imports: []string{".", "netlink", "drivers", "stack", "internal"}, host: []string{"sim"}},
	{pkg: "netlink"},
	{pkg: "net", imports: []string{".", "internal"}},
	{pkg: "wire/*", imports: []string{"internal"}},
	{pkg: "stack", imports: []string{".", "netlink", "wire", "dhcp", "dns", "mdns", "internal"}},
	{pkg: "dhcp", imports: []string{".", "wire", "internal"}},
	{pkg: "dns", imports: []string{".", "wire", "internal"}},
	{pkg: "mdns", imports: []string{".", "wire", "dns", "internal"}},
	{pkg: "drivers/internal", imports: []string{".", "netlink", "internal"}},
	{pkg: "drivers/*", imports: []string{".", "netlink", "dhcp", "dns", "drivers/internal", "internal"}},
	{pkg: "sim", imports: []string{"**"}},
	// What proves the suite is made from a device that passes it; only tests import it.
	{pkg: "netdevtest/internal/broken", imports: []string{".", "drivers/host", "internal"}},
	{pkg: "netdevtest", imports: []string{".", "netlink", "net", "internal"}},
	{pkg: "overlay/start", imports: []string{".", "netlink", "netlink/probe", "overlay", "internal"}},
	{pkg: "overlay", imports: []string{".", "internal"}},
	{pkg: "cmd", imports: []string{"**", "cmd"}},
	{pkg: "bench/size", imports: []string{"**"}},
	{pkg: "examples", imports: []string{".", "netlink", "netlink/probe", "net", "drivers", "stack", "sim"}},
	{pkg: "internal", imports: []string{".", "netlink"}},
	{pkg: "bench"},       // builds and runs a module of its own
	{pkg: "test/kernel"}, // nothing but tests
}

// views are the builds whose imports are looked at. A file for another system
// is a file that no test here compiles.
var views = map[string]struct {
	env    []string
	tinygo bool
}{
	"linux":   {env: []string{"GOOS=linux", "CGO_ENABLED=0"}},
	"darwin":  {env: []string{"GOOS=darwin", "CGO_ENABLED=0"}},
	"windows": {env: []string{"GOOS=windows", "CGO_ENABLED=0"}},
	"tinygo":  {env: []string{"GOOS=linux", "CGO_ENABLED=0", "GOFLAGS=-tags=tinygo"}, tinygo: true},
}

func TestImportsFollowTheArrows(t *testing.T) {
	for name, v := range views {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, p := range goList(t, v.env, "./...") {
				for _, bad := range against(rel(p.ImportPath), p.Imports, v.tinygo) {
					t.Errorf("%s imports %s, which its row of the table does not have", rel(p.ImportPath), bad)
				}
			}
		})
	}
}

// against returns those imports of package p that its arrow does not allow, and
// p itself where no arrow is for it.
func against(p string, imports []string, tinygo bool) []string {
	row := rowOf(p)
	if row == nil {
		return []string{p + " (there is no row for this package)"}
	}
	var bad []string
	for _, path := range imports {
		if to := rel(path); to != "" && !row.allows(p, to, tinygo) {
			bad = append(bad, to)
		}
	}
	return bad
}

func rowOf(p string) *arrow {
	for i, a := range arrows {
		if a.pkg == "." && p == "." || a.pkg != "." && within(a.pkg, p) {
			return &arrows[i]
		}
	}
	return nil
}

func (a *arrow) allows(from, to string, tinygo bool) bool {
	if own := first(from, strings.Count(a.pkg, "/")+1); rowOf(to) == a && under(own, to) {
		return true
	}
	allowed := a.imports
	if !tinygo {
		allowed = append(allowed[:len(allowed):len(allowed)], a.host...)
	}
	for _, root := range allowed {
		switch root {
		case "**":
			if !under("cmd", to) {
				return true
			}
		case ".", "netlink":
			// These two have packages of other rows below them.
			if to == root {
				return true
			}
		default:
			if under(root, to) {
				return true
			}
		}
	}
	return false
}

// first returns the first n segments of a path.
func first(p string, n int) string {
	parts := strings.Split(p, "/")
	return strings.Join(parts[:min(n, len(parts))], "/")
}

// The arrows point where the design says, whatever exists by now.
func TestTheTableForbidsWhatTheDesignForbids(t *testing.T) {
	for _, c := range []struct {
		from, to string
		tinygo   bool
		ok       bool
	}{
		{".", "netlink", false, false},
		{".", "internal/bare", false, false},
		{"netlink", ".", false, false},
		{"netlink", "netlink/probe", false, false},
		{"netlink/probe", "sim/nina", false, true},
		{"netlink/probe", "sim/nina", true, false},
		{"netlink/probe", "drivers/host", true, true},
		{"net", ".", false, true},
		{"net", "netlink", false, false},
		{"net", "drivers/host", false, false},
		{"net", "sim/ether", false, false},
		{"wire/tcp", "wire/ipv4", false, false},
		{"wire/tcp", ".", false, false},
		{"wire/tcp", "internal/checksum", false, true},
		{"stack", "stack/tcp", false, true},
		{"stack/tcp", "wire/tcp", false, true},
		{"stack", "drivers/tap", false, false},
		{"stack", "net", false, false},
		{"stack", "sim", false, false},
		{"dhcp", "wire/dhcp", false, true},
		{"dhcp", "stack", false, false},
		{"drivers/wifinina", ".", false, true},
		{"drivers/wifinina", "drivers/internal/pump", false, true},
		{"drivers/wifinina", "drivers/espat", false, false},
		{"drivers/wifinina", "sim/nina", false, false},
		{"drivers/wifinina", "net", false, false},
		{"drivers/host", "drivers/host/internal/gonet", false, true},
		{"drivers/espat", "drivers/host/internal/gonet", false, false},
		{"drivers/internal/pump", "sim", false, false},
		{"sim/nina", "drivers/wifinina", false, true},
		{"sim/nina", "cmd/netdev", false, false},
		{"netdevtest", "net", false, true},
		{"netdevtest", "sim/ether", false, false},
		{"netdevtest", "drivers/host", false, false},
		{"netdevtest", "netdevtest/internal/rig", false, true},
		{"netdevtest", "netdevtest/internal/broken", false, false},
		{"netdevtest/internal/broken", "drivers/host", false, true},
		{"overlay", "netlink/probe", false, false},
		{"overlay", "net", false, false},
		{"overlay/start", "netlink/probe", false, true},
		{"overlay/internal/pump", ".", false, true},
		{"cmd/netdev", "sim/nina", false, true},
		{"cmd/netdev", "cmd/netdev/internal/table", false, true},
		{"examples/socket", "netlink/probe", false, true},
		{"examples/socket", "internal/bare", false, false},
		{"examples/socket", "cmd/netdev", false, false},
		{"internal/bare", ".", false, true},
		{"internal/bare", "sim", false, false},
		{"unheard/of", ".", false, false},
	} {
		if bad := against(c.from, []string{importPath(c.to)}, c.tinygo); (len(bad) == 0) != c.ok {
			t.Errorf("%s -> %s (tinygo %v): %v, want allowed %v", c.from, c.to, c.tinygo, bad, c.ok)
		}
	}
}

func importPath(rel string) string {
	if rel == "." {
		return module
	}
	return module + "/" + rel
}
