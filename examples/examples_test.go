package examples_test

import (
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A device is something that the examples run on.
type device struct {
	name    string
	senders bool                           // a UDP server learns who sent it a datagram
	board   bool                           // it has a network of its own; see board_test.go
	build   func() (dir string, err error) // makes all of them, once
	dir     string                         // where they are, in a test
}

// devices are the kernel as every Go program has it, and each device that
// "netdev build" can bind to a program.
var devices = []device{
	{name: "plain", senders: true, build: sync.OnceValues(func() (string, error) {
		return build("plain", "go", "build", "./...")
	})},
	{name: "host", senders: true, build: sync.OnceValues(func() (string, error) {
		return netdevBuild("host", "-device", "host", "./...")
	})},
	{name: "bare", build: sync.OnceValues(func() (string, error) {
		return netdevBuild("bare", "-device", "bare", "./...")
	})},
	board("stack"),
}

var chips = flag.String("chips", "", "run the examples on the boards with these `devices`, separated by commas, and on nothing else")

var netdevBuilds sync.Mutex

// netdevBuild builds for one device after the other, so that the standard
// library is compiled once.
func netdevBuild(name string, args ...string) (string, error) {
	netdevBuilds.Lock()
	defer netdevBuilds.Unlock()
	return build(name, "go", append([]string{"run", "../cmd/netdev", "build"}, args...)...)
}

// binaries holds the examples that were built, in a directory per device.
var binaries string

func TestMain(m *testing.M) {
	flag.Parse()
	if *chips != "" {
		devices = nil
		for _, name := range strings.Split(*chips, ",") {
			devices = append(devices, board(name))
		}
	}
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "netdev-examples")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		binaries = dir
		return m.Run()
	}())
}

// dependOnModule looks at every file of the module. The go command notes that,
// and does not take an earlier result for this one when an example, or what one
// stands on, has changed: the tests import none of it.
func dependOnModule() error {
	return filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == ".git" {
			return filepath.SkipDir
		}
		_, err = os.Stat(path)
		return err
	})
}

// build runs a command that builds the packages after its flags.
func build(name, command string, args ...string) (string, error) {
	if err := dependOnModule(); err != nil {
		return "", err
	}
	dir := filepath.Join(binaries, name) + string(filepath.Separator)
	packages := slices.IndexFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "./") })
	cmd := exec.Command(command, slices.Insert(args, packages, "-ldflags=-s -w", "-o", dir)...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	return dir, cmd.Run()
}

// onEachDevice runs test on each device.
func onEachDevice(t *testing.T, test func(t *testing.T, d device)) {
	on(t, devices, test)
}

// onDevicesWith is onEachDevice for those that do or do not know senders.
func onDevicesWith(t *testing.T, senders bool, test func(t *testing.T, d device)) {
	var list []device
	for _, d := range devices {
		if d.senders == senders {
			list = append(list, d)
		}
	}
	on(t, list, test)
}

func on(t *testing.T, devices []device, test func(t *testing.T, d device)) {
	t.Parallel()
	for _, d := range devices {
		t.Run(d.name, func(t *testing.T) {
			if testing.Short() && d.name != "plain" {
				t.Skip("-short: only the plain programs run; a device needs the standard library built for it")
			}
			t.Parallel()
			var err error
			if d.dir, err = d.build(); err != nil {
				t.Fatalf("building the examples: %v", err)
			}
			test(t, d)
		})
	}
}
