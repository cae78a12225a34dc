package sim

import (
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/netdev-go/netdev/drivers/host"
	"github.com/netdev-go/netdev/netlink"
)

// runtimeDir has the networks of a test in a directory of its own, whose path is
// short enough for a socket.
func runtimeDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "nd")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("XDG_RUNTIME_DIR", dir)
	return filepath.Join(dir, "netdev")
}

// on returns a board of its own process's on a shared network, in real time.
func on(t *testing.T, c Config) (*Board, *told) {
	t.Helper()
	e := new(told)
	c.Events = e.event
	if c.Network == "" {
		c.Network = "lab"
	}
	b, err := Boot(c)
	must(t, err)
	t.Cleanup(func() { b.Stop() })
	must(t, b.NetConnect(&netlink.ConnectParams{}))
	return b, e
}

func addrOf(t *testing.T, b *Board) netip.Addr {
	t.Helper()
	addr, err := b.Addr()
	must(t, err)
	return addr
}

func TestBoardsOfANetworkReachEachOther(t *testing.T) {
	runtimeDir(t)
	web, saidByWeb := on(t, Config{Name: "web", Forwards: []Forward{}})
	client, saidByClient := on(t, Config{Name: "client", Forwards: []Forward{}})
	if web.mac == client.mac || addrOf(t, web) == addrOf(t, client) {
		t.Fatalf("the boards are %v and %v", web.mac, client.mac)
	}
	l := listen(t, web, ":80")
	text := strings.Repeat("from board to board ", 10_000)
	exchange(t, client, netip.AddrPortFrom(addrOf(t, web), 80).String(), l, text)
	exchange(t, client, "web:80", l, text)
	exchange(t, client, "web.netdev:80", l, "by its full name")
	exchange(t, web, "web:80", l, "to itself")
	exchange(t, web, "client:70", listen(t, client, ":70"), "the other way")
	if said := saidByWeb.all(); !strings.HasPrefix(said, "web is on network lab, alone so far\n") {
		t.Errorf("web says\n%s", said)
	}
	if said := saidByClient.all(); !strings.HasPrefix(said, "client is on network lab, with web\n") {
		t.Errorf("client says\n%s", said)
	}
}

func TestTheGatewayOfAProcessIsItsOwn(t *testing.T) {
	runtimeDir(t)
	a, _ := on(t, Config{Name: "a", Forwards: []Forward{}})
	b, said := on(t, Config{Name: "b", Forwards: []Forward{{"tcp", onHost(0), 80}}})
	_, rest, _ := strings.Cut(said.all(), "\nhttp://")
	at, _, _ := strings.Cut(rest, " ")
	l := listen(t, b, ":80")
	exchange(t, a, "b:80", l, "from a")
	exchange(t, host.New(), at, l, "from the host")
	must(t, a.Stop())
	exchange(t, host.New(), at, l, "after a has left")
	exchange(t, b, "b:80", l, "by its name")
}

func TestANameThatIsTakenGetsANumber(t *testing.T) {
	runtimeDir(t)
	first, _ := on(t, Config{Name: "web", Forwards: []Forward{}})
	second, said := on(t, Config{Name: "web", Forwards: []Forward{}})
	if got := said.all(); !strings.HasPrefix(got, "the name web is taken on network lab, and this board is web-2\nweb-2 is on network lab, with web\n") {
		t.Errorf("the second says\n%s", got)
	}
	was, mac := addrOf(t, first), first.mac
	exchange(t, first, "web-2:80", listen(t, second, ":80"), "hello")
	must(t, first.Stop())
	again, said := on(t, Config{Name: "web", Forwards: []Forward{}})
	if got := said.all(); !strings.HasPrefix(got, "web is on network lab, with web-2\n") {
		t.Errorf("started again, it says\n%s", got)
	}
	if addr := addrOf(t, again); addr != was || again.mac != mac {
		t.Errorf("it was %v at %v, and is %v at %v", mac, was, again.mac, addr)
	}
}

func TestAStaticAddressOnANetwork(t *testing.T) {
	runtimeDir(t)
	own := netip.MustParsePrefix("10.0.2.9/24")
	web, _ := on(t, Config{Name: "web", Addr: own, Forwards: []Forward{}})
	client, _ := on(t, Config{Name: "client", Forwards: []Forward{}})
	exchange(t, client, "web:80", listen(t, web, ":80"), "hello")
	_, err := Boot(Config{Name: "other", Addr: own, Network: "lab"})
	if err == nil || err.Error() != "network lab: address 10.0.2.9 is that of web" {
		t.Errorf("a second board of the address: %v", err)
	}
}

func TestNetworksAreApart(t *testing.T) {
	runtimeDir(t)
	web, _ := on(t, Config{Name: "web", Network: "one", Forwards: []Forward{}})
	other, _ := on(t, Config{Name: "other", Network: "two", Forwards: []Forward{}})
	if addrs, err := other.LookupNetIP(t.Context(), "ip4", "web.netdev"); err == nil {
		t.Errorf("web of network one (%v) is at %v on network two", addrOf(t, web), addrs)
	}
}

func TestABoardLeavesNothingBehind(t *testing.T) {
	dir := filepath.Join(runtimeDir(t), "lab")
	b, _ := on(t, Config{})
	if left := names(t, dir); len(left) != 3 {
		t.Errorf("a board has the files %q, want a name, a socket and a lock", left)
	}
	must(t, b.Stop())
	if left := names(t, dir); !slices.Equal(left, []string{lockName}) {
		t.Errorf("it leaves %q", left)
	}
}

func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestADirectoryThatIsNotOursAlone(t *testing.T) {
	dir := runtimeDir(t)
	must(t, os.Mkdir(dir, 0o700))
	must(t, os.Chmod(dir, 0o777))
	if _, err := Boot(Config{Network: "lab"}); err == nil || !strings.Contains(err.Error(), dir+" is not this user's alone") {
		t.Errorf("Boot: %v", err)
	}
	t.Setenv("XDG_RUNTIME_DIR", filepath.Join(t.TempDir(), strings.Repeat("x", 90)))
	must(t, os.Mkdir(os.Getenv("XDG_RUNTIME_DIR"), 0o700))
	if _, err := Boot(Config{Network: "lab"}); err == nil || !strings.Contains(err.Error(), "set XDG_RUNTIME_DIR to a shorter one") {
		t.Errorf("with a path that is too long: %v", err)
	}
}

func TestRegistry(t *testing.T) {
	r := registry{t.TempDir()}
	var places []*place
	taken := make(map[netip.Addr]bool)
	for i := range lastAddr - firstAddr + 1 {
		p, others, err := r.join("board", netip.Addr{})
		must(t, err)
		if taken[p.addr] || len(others) != i {
			t.Fatalf("board %d is %s at %v, with %d others", i, p.name, p.addr, len(others))
		}
		taken[p.addr] = true
		places = append(places, p)
	}
	if _, _, err := r.join("board", netip.Addr{}); err == nil || err.Error() != "no address is left" {
		t.Errorf("one more board: %v", err)
	}
	p := places[40]
	if addr, ok := r.lookup(p.name); !ok || addr != p.addr {
		t.Errorf("%s is at %v, want %v", p.name, addr, p.addr)
	}
	if name, ok := r.reverse(p.addr); !ok || name != p.name {
		t.Errorf("at %v is %s, want %s", p.addr, name, p.name)
	}
	// The kernel unlocks what a killed process had.
	must(t, p.file.Close())
	if addr, ok := r.lookup(p.name); ok {
		t.Errorf("%s, which is gone, is at %v", p.name, addr)
	}
	if _, ok := r.reverse(p.addr); ok {
		t.Errorf("somebody is at %v, whose board is gone", p.addr)
	}
	heir, _, err := r.join("heir", netip.Addr{})
	if err != nil || heir.addr != p.addr {
		t.Errorf("the next board: %v", err)
	}
	if _, err := os.Stat(r.file(p.name)); !os.IsNotExist(err) {
		t.Errorf("the file of a board that is gone is still there: %v", err)
	}
	for _, name := range []string{"host", "gateway", "localhost"} {
		if got := freeName(nil, name); got != name+"-2" {
			t.Errorf("a board that wants to be %s is %s", name, got)
		}
	}
	long := strings.Repeat("n", 63)
	if got := freeName(map[string]netip.Addr{long: {}}, long); got != long[:61]+"-2" {
		t.Errorf("a long name that is taken becomes %s", got)
	}
	runtime.KeepAlive(places) // or their files are closed, and others may have them
}
