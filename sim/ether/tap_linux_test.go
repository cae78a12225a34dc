package ether

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// ownNetwork tells this program that it is the child with a network of its own.
const ownNetwork = "ETHER_TEST_OWN_NETWORK"

// inOwnNamespace runs the test again, in a process whose network is its own,
// and tells whether this is that process.
func inOwnNamespace(t *testing.T) bool {
	t.Helper()
	if os.Getenv(ownNetwork) != "" {
		return true
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(exe, "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=30s")
	child.Env = append(os.Environ(), ownNetwork+"=1")
	child.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET}
	out, err := child.CombinedOutput()
	switch {
	case errors.Is(err, os.ErrPermission):
		t.Skipf("no network namespace of the test's own, so no TAP is tried: %v", err)
	case err != nil:
		t.Errorf("%v\n%s", err, out)
	case strings.Contains(string(out), "--- SKIP"):
		t.Skipf("in a network of its own:\n%s", out)
	}
	return false
}

func TestATAPIsAnInterfaceOfTheKernel(t *testing.T) {
	if !inOwnNamespace(t) {
		return
	}
	d, err := OpenTAP(Config{}, "nd-test0")
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission) || errors.Is(err, unix.ENODEV) {
		t.Skipf("no TAP here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if d.Name() != "nd-test0" {
		t.Errorf("named %q", d.Name())
	}
	received := make(chan []byte, 100)
	d.SetEthRecvHandler(func(frame []byte) { received <- append([]byte(nil), frame...) })

	// An interface that comes up speaks: the kernel looks for IPv6 routers, and
	// a packet socket hears what the device sends.
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0xb588) // 0x88b5 in network order
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	ifr, err := unix.NewIfreq("nd-test0")
	if err != nil {
		t.Fatal(err)
	}
	ifr.SetUint16(unix.IFF_UP)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, ifr); err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, ifr); err != nil {
		t.Fatal(err)
	}
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 10}); err != nil {
		t.Fatal(err)
	}
	send(t, d, everybody, 7)
	buf := make([]byte, 2000)
	if n, _, err := unix.Recvfrom(fd, buf, 0); err != nil || n != 60 || number(buf) != 7 {
		t.Errorf("the kernel received %d bytes, number %d: %v", n, number(buf), err)
	}
	frame := numbered(mac(d), [6]byte{2, 0, 0, 0, 0, 9}, 8, 60)
	to := &unix.SockaddrLinklayer{Ifindex: int(ifr.Uint32())}
	if err := unix.Sendto(fd, frame, 0, to); err != nil {
		t.Fatal(err)
	}
	for late := time.After(10 * time.Second); ; {
		select {
		case f := <-received:
			if string(f) == string(frame) {
				if err := d.Close(); err != nil {
					t.Error(err)
				}
				return
			}
		case <-late:
			t.Fatal("the kernel's frame did not arrive")
		}
	}
}

func TestATAPOfAWrongNameIsAnError(t *testing.T) {
	if _, err := OpenTAP(Config{}, "a-name-that-is-too-long"); err == nil {
		t.Error("no error")
	}
}
