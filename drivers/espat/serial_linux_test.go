//go:build !tinygo

package espat_test

import (
	"context"
	"io"
	"net/netip"
	"os"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/netdev-go/netdev"
	driver "github.com/netdev-go/netdev/drivers/espat"
	"github.com/netdev-go/netdev/drivers/serialport"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/boards"
	"github.com/netdev-go/netdev/sim/bus"
	"github.com/netdev-go/netdev/sim/espat"
)

// pseudoTerminal returns the far end of a pair, and the name of the near one.
func pseudoTerminal(t *testing.T) (*os.File, string) {
	t.Helper()
	far, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	t.Cleanup(func() { far.Close() })
	raw, err := far.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var n int
	raw.Control(func(fd uintptr) {
		if err = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0); err == nil {
			n, err = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		}
	})
	if err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	return far, "/dev/pts/" + strconv.Itoa(n)
}

// plug joins a module's UART and the far end of a pseudo-terminal.
func plug(far *os.File, port *bus.Port) {
	go io.Copy(port, far)
	go func() {
		b := make([]byte, 512)
		for {
			n, err := port.Read(b)
			if err != nil {
				return
			}
			if n == 0 {
				port.WaitReadable(-1)
				continue
			}
			if _, err := far.Write(b[:n]); err != nil {
				return
			}
		}
	}()
}

// The same driver, as it runs on a Linux machine with a module on /dev/ttyUSB0.
func TestTheModuleOnASerialPort(t *testing.T) {
	far, name := pseudoTerminal(t)
	serial, err := serialport.Open(name, espat.Baud)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { serial.Close() })
	b, chip, err := boards.ESPATWith(static, func(_ *espat.Config, dc *driver.Config) { dc.UART = serial })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Stop() })
	plug(far, chip.Port())
	if err := b.NetConnect(&netlink.ConnectParams{}); err != nil {
		t.Fatal("NetConnect: ", err)
	}

	peer, err := b.Peer()
	if err != nil {
		t.Fatal(err)
	}
	at := netip.AddrPortFrom(peer.Addr(netdev.AF_INET), peer.FreePort())
	l, err := peer.Listen(context.Background(), "tcp", at.String())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			io.Copy(c, c)
			c.Close()
		}
	}()
	fd, err := b.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
	if err == nil {
		err = b.Connect(fd, "", at)
	}
	if err != nil {
		t.Fatal(err)
	}
	out := make([]byte, 20000) // all bytes, also those that a terminal would act upon
	for i := range out {
		out[i] = byte(i % 256)
	}
	sent := make(chan error, 1)
	go func() {
		_, err := b.Send(fd, out, 0, never)
		sent <- err
	}()
	in := make([]byte, len(out))
	for got := 0; got < len(in); {
		n, err := b.Recv(fd, in[got:], 0, time.Now().Add(20*time.Second))
		if err != nil {
			t.Fatalf("Recv after %d bytes: %v", got, err)
		}
		got += n
	}
	if string(in) != string(out) {
		t.Error("what came back is not what was sent")
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
}
