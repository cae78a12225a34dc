package kernel

import (
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
)

// inside tells this program that it is the child with a network of its own.
const inside = "NETDEV_TEST_OWN_NETWORK"

// TestMain runs the tests in a child whose network namespace is its own.
func TestMain(m *testing.M) {
	flag.Parse()
	if os.Getenv(inside) != "" {
		if err := up("lo", netip.Prefix{}); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(m.Run())
	}
	exe, err := os.Executable()
	if err != nil {
		panic(err)
	}
	child := exec.Command(exe, os.Args[1:]...)
	child.Env = append(os.Environ(), inside+"=1")
	child.Stdout, child.Stderr = os.Stdout, os.Stderr
	child.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if os.Getuid() != 0 {
		child.SysProcAttr.Cloneflags |= unix.CLONE_NEWUSER
		child.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		child.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	signal.Ignore(os.Interrupt) // the child has it too
	err = child.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		os.Exit(max(exit.ExitCode(), 1))
	case err != nil:
		fmt.Printf("SKIPPED: the stack was not tried against the kernel, because there is no network namespace for it: %v\n", err)
	}
}

// up gives an interface an address and brings it up.
func up(name string, addr netip.Prefix) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	set := func(req uint, fill func(*unix.Ifreq)) {
		ifr, e := unix.NewIfreq(name)
		if e == nil {
			fill(ifr)
			e = unix.IoctlIfreq(fd, req, ifr)
		}
		if e != nil && err == nil {
			err = fmt.Errorf("interface %s: %w", name, e)
		}
	}
	if addr.IsValid() {
		set(unix.SIOCSIFADDR, func(i *unix.Ifreq) { i.SetInet4Addr(addr.Addr().AsSlice()) })
		mask := ^uint32(0) << (32 - addr.Bits())
		b := [4]byte{byte(mask >> 24), byte(mask >> 16), byte(mask >> 8), byte(mask)}
		set(unix.SIOCSIFNETMASK, func(i *unix.Ifreq) { i.SetInet4Addr(b[:]) })
	}
	set(unix.SIOCSIFFLAGS, func(i *unix.Ifreq) { i.SetUint16(unix.IFF_UP | unix.IFF_RUNNING) })
	return err
}

var (
	kernelSide = netip.MustParsePrefix("10.99.0.1/24")
	stackSide  = netip.MustParsePrefix("10.99.0.2/24")
)

// A wire is a cable between the kernel and a stack, which is the current netdev.
type wire struct {
	*ether.Device
	stack *stack.Stack
}

// plug makes a TAP of the kernel's and puts a stack with that configuration at
// its other end.
func plug(t testing.TB, c stack.Config, imp ether.Impairment) *wire {
	t.Helper()
	d, err := ether.OpenTAP(ether.Config{Seed: 1, Queue: 1024}, "")
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission) || errors.Is(err, unix.ENODEV) {
		t.Skipf("no TAP here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	if err := up(d.Name(), kernelSide); err != nil {
		t.Fatal(err)
	}
	if err := d.Impair(ether.Both, imp); err != nil {
		t.Fatal(err)
	}
	if t.Failed() {
		t.FailNow()
	}
	s, err := stack.New(d, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop() })
	if c.Address.IsValid() {
		if err := s.NetConnect(&netlink.ConnectParams{}); err != nil {
			t.Fatal(err)
		}
	}
	netdev.UseNetdev(s)
	t.Cleanup(func() { netdev.UseNetdev(nil) })
	return &wire{d, s}
}

var static = stack.Config{Address: stackSide}

// program returns a command of the host's, or skips the test.
func program(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		for _, dir := range []string{"/usr/sbin/", "/sbin/"} {
			if _, e := os.Stat(dir + name); e == nil {
				path, err = dir+name, nil
			}
		}
	}
	if err != nil {
		t.Skipf("%s is not installed", name)
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}
