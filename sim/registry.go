package sim

import (
	"errors"
	"fmt"
	"hash/fnv"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/netdev-go/netdev/sim/gateway"
)

// A registry is the directory of a network that several processes share. Beside
// the sockets of the segment it has a file for each board, with the board's
// address in it. The process of the board keeps the file locked for as long as it
// lives, so that what a killed process leaves is known for what it is.
type registry struct{ dir string }

const (
	boardSuffix = ".board"
	lockName    = "lock" // held while the names are changed
)

// longest is how long the path of a Unix socket may be on any system.
const longest = 103

// openRegistry returns the directory of a network of this user's, which is made
// if it is missing.
func openRegistry(network string) (registry, error) {
	base := os.Getenv("XDG_RUNTIME_DIR")
	if info, err := os.Stat(base); err == nil && info.IsDir() {
		base = filepath.Join(base, "netdev")
	} else {
		base = filepath.Join(os.TempDir(), "netdev-"+strconv.Itoa(os.Getuid()))
	}
	r := registry{filepath.Join(base, network)}
	if len(r.dir) > longest-len("/4194304-100.port") {
		return r, fmt.Errorf("network %s: %s is too long for the path of a socket; set XDG_RUNTIME_DIR to a shorter one", network, r.dir)
	}
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return r, fmt.Errorf("network %s: %w", network, err)
	}
	if err := private(base); err != nil {
		return r, fmt.Errorf("network %s: %w", network, err)
	}
	return r, nil
}

// A place is what a board has on a shared network.
type place struct {
	name string
	addr netip.Addr
	file *os.File // locked
}

// boards returns those of the living, by their names, and removes what is left
// of others. The registry is locked.
func (r registry) boards() (map[string]netip.Addr, error) {
	files, err := filepath.Glob(filepath.Join(r.dir, "*"+boardSuffix))
	if err != nil {
		return nil, err
	}
	living := make(map[string]netip.Addr)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), boardSuffix)
		if addr, ok := r.lookup(name); ok {
			living[name] = addr
		} else {
			os.Remove(file)
		}
	}
	return living, nil
}

// lookup returns the address of a living board.
func (r registry) lookup(name string) (netip.Addr, bool) {
	f, err := os.Open(r.file(name))
	if err != nil {
		return netip.Addr{}, false
	}
	defer f.Close()
	if tryShared(f) {
		return netip.Addr{}, false // nobody holds it
	}
	var text [32]byte
	n, _ := f.ReadAt(text[:], 0)
	addr, err := netip.ParseAddr(string(text[:n]))
	return addr, err == nil
}

// reverse returns the name of the living board with the address.
func (r registry) reverse(addr netip.Addr) (string, bool) {
	files, _ := filepath.Glob(filepath.Join(r.dir, "*"+boardSuffix))
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), boardSuffix)
		if a, ok := r.lookup(name); ok && a == addr {
			return name, true
		}
	}
	return "", false
}

func (r registry) file(name string) string { return filepath.Join(r.dir, name+boardSuffix) }

// lock keeps others from changing what is in the registry.
func (r registry) lock() (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(r.dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lockFile(f); err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}

// join takes a name that no other board has, beginning with the wish, and an
// address: addr, or where that is invalid one that the name decides. It returns
// the names of the others too.
func (r registry) join(wish string, addr netip.Addr) (p *place, others []string, err error) {
	unlock, err := r.lock()
	if err != nil {
		return nil, nil, err
	}
	defer unlock()
	living, err := r.boards()
	if err != nil {
		return nil, nil, err
	}
	p = &place{name: freeName(living, wish), addr: addr}
	owners := make(map[netip.Addr]string)
	for name, a := range living {
		owners[a] = name
		others = append(others, name)
	}
	slices.Sort(others)
	if owner, taken := owners[addr]; taken {
		return nil, nil, fmt.Errorf("address %v is that of %s", addr, owner)
	}
	if !addr.IsValid() {
		if p.addr = freeAddr(owners, p.name); !p.addr.IsValid() {
			return nil, nil, errors.New("no address is left")
		}
	}
	if p.file, err = os.OpenFile(r.file(p.name), os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600); err != nil {
		return nil, nil, err
	}
	if err = lockFile(p.file); err == nil {
		_, err = p.file.WriteString(p.addr.String())
	}
	if err != nil {
		p.file.Close()
		os.Remove(p.file.Name())
		return nil, nil, err
	}
	return p, others, nil
}

// leave gives a place back.
func (r registry) leave(p *place) error {
	unlock, err := r.lock()
	if err != nil {
		return errors.Join(err, p.file.Close())
	}
	defer unlock()
	return errors.Join(os.Remove(p.file.Name()), p.file.Close())
}

// freeName returns wish, with a number where another board has it already or no
// board can have it.
func freeName(living map[string]netip.Addr, wish string) string {
	for n, name := 1, wish; ; {
		if _, taken := living[name]; !taken && name != "gateway" && name != "host" && name != "localhost" {
			return name
		}
		n++
		suffix := "-" + strconv.Itoa(n)
		name = wish[:min(len(wish), 63-len(suffix))] + suffix
	}
}

// The last byte of an address is in the part of the network that is leased.
const (
	firstAddr = 15
	lastAddr  = 254
)

// freeAddr returns an address that nobody has: the same one each time for a
// name, if it is free.
func freeAddr(owners map[netip.Addr]string, name string) netip.Addr {
	h := fnv.New32a()
	h.Write([]byte(name))
	const n = lastAddr - firstAddr + 1
	network := gateway.DefaultPrefix.Addr().As4()
	for i := range uint32(n) {
		network[3] = byte(firstAddr + (h.Sum32()+i)%n)
		if addr := netip.AddrFrom4(network); owners[addr] == "" {
			return addr
		}
	}
	return netip.Addr{}
}
