package examples_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// A device is something that the examples run on.
type device struct {
	name    string
	senders bool                           // a UDP server learns who sent it a datagram
	build   func() (dir string, err error) // makes all of them, once
}

// devices are the kernel as every Go program has it, and each device that
// "netdev build" can bind to a program.
var devices = []device{
	{"plain", true, sync.OnceValues(func() (string, error) { return build("plain", "go", "build") })},
	{"host", true, sync.OnceValues(func() (string, error) { return netdevBuild("host") })},
	{"bare", false, sync.OnceValues(func() (string, error) { return netdevBuild("bare") })},
}

var netdevBuilds sync.Mutex

// netdevBuild builds for one device after the other, so that the standard
// library is compiled once.
func netdevBuild(device string) (string, error) {
	netdevBuilds.Lock()
	defer netdevBuilds.Unlock()
	return build(device, "go", "run", "../cmd/netdev", "build", "-device", device)
}

// binaries holds the examples that were built, in a directory per device.
var binaries string

func TestMain(m *testing.M) {
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

func build(device string, command ...string) (string, error) {
	if err := dependOnModule(); err != nil {
		return "", err
	}
	dir := filepath.Join(binaries, device) + string(filepath.Separator)
	cmd := exec.Command(command[0], append(command[1:], "-ldflags=-s -w", "-o", dir, "./...")...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	return dir, cmd.Run()
}

// onEachDevice runs test with the directory of the examples of each device.
func onEachDevice(t *testing.T, test func(t *testing.T, bin string)) {
	on(t, devices, test)
}

// onDevicesWith is onEachDevice for those that do or do not know senders.
func onDevicesWith(t *testing.T, senders bool, test func(t *testing.T, bin string)) {
	var list []device
	for _, d := range devices {
		if d.senders == senders {
			list = append(list, d)
		}
	}
	on(t, list, test)
}

func on(t *testing.T, devices []device, test func(t *testing.T, bin string)) {
	t.Parallel()
	for _, d := range devices {
		t.Run(d.name, func(t *testing.T) {
			if testing.Short() && d.name != "plain" {
				t.Skip("-short: only the plain programs run; a device needs the standard library built for it")
			}
			t.Parallel()
			bin, err := d.build()
			if err != nil {
				t.Fatalf("building the examples: %v", err)
			}
			test(t, bin)
		})
	}
}
