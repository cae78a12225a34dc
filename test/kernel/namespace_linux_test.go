package kernel

import (
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
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
	// Most of what runs side by side waits, for the clock or for a slow line.
	child := exec.Command(exe, append([]string{"-test.parallel=8"}, os.Args[1:]...)...)
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
	if addr.IsValid() {
		mask := ^uint32(0) << (32 - addr.Bits())
		err := errors.Join(
			configure(name, unix.SIOCSIFADDR, func(i *unix.Ifreq) { i.SetInet4Addr(addr.Addr().AsSlice()) }),
			configure(name, unix.SIOCSIFNETMASK, func(i *unix.Ifreq) {
				i.SetInet4Addr([]byte{byte(mask >> 24), byte(mask >> 16), byte(mask >> 8), byte(mask)})
			}))
		if err != nil {
			return err
		}
	}
	return configure(name, unix.SIOCSIFFLAGS, func(i *unix.Ifreq) { i.SetUint16(unix.IFF_UP | unix.IFF_RUNNING) })
}

// configure does one ioctl on an interface of the kernel's.
func configure(name string, req uint, fill func(*unix.Ifreq)) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	ifr, err := unix.NewIfreq(name)
	if err != nil {
		return err
	}
	fill(ifr)
	if err := unix.IoctlIfreq(fd, req, ifr); err != nil {
		return fmt.Errorf("interface %s: %w", name, err)
	}
	return nil
}

// sysctl changes a setting of this namespace's kernel until the test ends.
func sysctl(t testing.TB, name, value string) {
	t.Helper()
	path := "/proc/sys/net/" + name
	old, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, []byte(value), 0)
	}
	if err != nil {
		t.Skipf("the kernel does not let itself be set: %v", err)
	}
	t.Cleanup(func() {
		if err := os.WriteFile(path, []byte(strings.TrimSpace(string(old))), 0); err != nil {
			t.Error(err)
		}
	})
}
