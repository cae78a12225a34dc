//go:build !tinygo

package serialport_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/netdev-go/netdev/drivers/serialport"
)

// pseudoTerminal returns the far end of a pair, and the name of the near one.
func pseudoTerminal(t *testing.T) (*os.File, string) {
	t.Helper()
	far, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	t.Cleanup(func() { far.Close() })
	var n int
	raw, err := far.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
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

func open(t *testing.T) (far *os.File, port *serialport.Port) {
	t.Helper()
	far, name := pseudoTerminal(t)
	port, err := serialport.Open(name, 115200)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { port.Close() })
	return far, port
}

func TestBytesGoBothWaysUnchanged(t *testing.T) {
	far, port := open(t)
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i) // also what a terminal would act upon
	}
	if n, err := port.Write(all); n != len(all) || err != nil {
		t.Fatal(n, err)
	}
	got := make([]byte, len(all))
	if _, err := io.ReadFull(far, got); err != nil || !bytes.Equal(got, all) {
		t.Errorf("out: %x, %v", got, err)
	}
	far.Write(all)
	clear(got)
	if _, err := io.ReadFull(port, got); err != nil || !bytes.Equal(got, all) {
		t.Errorf("in: %x, %v", got, err)
	}
}

func TestMoreThanTheRingHoldsArrivesWhole(t *testing.T) {
	far, port := open(t)
	const total = 300 << 10
	sent := make(chan error, 1)
	go func() {
		b := make([]byte, 1000)
		for at := 0; at < total; at += len(b) {
			b = b[:min(len(b), total-at)]
			for i := range b {
				b[i] = byte((at + i) % 251)
			}
			if _, err := far.Write(b); err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	b := make([]byte, 777)
	for at := 0; at < total; {
		n, err := port.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range b[:n] {
			if c != byte((at+i)%251) {
				t.Fatalf("byte %d is %d", at+i, c)
			}
		}
		at += n
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
}

func TestBufferedIsWhatReadHasAtOnce(t *testing.T) {
	far, port := open(t)
	if n := port.Buffered(); n != 0 {
		t.Errorf("Buffered = %d before anything came", n)
	}
	far.Write([]byte("hello"))
	for port.Buffered() < 5 {
		port.WaitReadable(-1)
	}
	b := make([]byte, 9)
	if n, err := port.Read(b); string(b[:n]) != "hello" || err != nil {
		t.Errorf("Read = %q, %v", b[:n], err)
	}
}

func TestWaitReadableEnds(t *testing.T) {
	_, port := open(t)
	begin := time.Now()
	port.WaitReadable(20 * time.Millisecond)
	if d := time.Since(begin); d < 20*time.Millisecond {
		t.Errorf("returned after %v", d)
	}
	port.Interrupt() // kept for the next one
	port.WaitReadable(-1)
	ended := make(chan struct{})
	go func() {
		port.WaitReadable(-1)
		close(ended)
	}()
	port.Interrupt()
	<-ended
}

func TestCloseEndsWhatWaits(t *testing.T) {
	_, port := open(t)
	ended := make(chan error)
	go func() {
		_, err := port.Read(make([]byte, 1))
		ended <- err
	}()
	if err := port.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("Read = %v", err)
	}
	if _, err := port.Read(make([]byte, 1)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("Read after Close = %v", err)
	}
	if _, err := port.Write([]byte{1}); err == nil {
		t.Error("Write after Close returned nil")
	}
	if err := port.Close(); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("second Close = %v", err)
	}
	port.WaitReadable(-1)
}

// The system gives the number of a closed port to the next file that is opened.
func TestAWriteAfterCloseReachesNoOtherFile(t *testing.T) {
	_, port := open(t)
	if err := port.Close(); err != nil {
		t.Fatal(err)
	}
	var files [8]*os.File
	for i := range files {
		f, err := os.Create(filepath.Join(t.TempDir(), "file"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		files[i] = f
	}
	if n, err := port.Write([]byte("x")); n != 0 || err != io.ErrClosedPipe {
		t.Errorf("Write = %d, %v", n, err)
	}
	for _, f := range files {
		if b, err := os.ReadFile(f.Name()); len(b) > 0 || err != nil {
			t.Errorf("%s has %q, %v", f.Name(), b, err)
		}
	}
}

func TestAnAdapterThatIsUnpluggedIsAnError(t *testing.T) {
	far, port := open(t)
	far.Close()
	done := make(chan error, 1)
	go func() {
		_, err := port.Read(make([]byte, 1))
		done <- err
	}()
	select {
	case err := <-done:
		if err == nil {
			t.Error("Read returned nil")
		}
	case <-time.After(5 * time.Second):
		t.Error("Read still waits")
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, pty := pseudoTerminal(t)
	for _, c := range []struct {
		name string
		baud int
		want string
	}{
		{"/dev/no-such-port", 115200, "no such port"},
		{file, 115200, "no serial port"},
		{pty, -5, "speed"},
	} {
		p, err := serialport.Open(c.name, c.baud)
		if err == nil {
			p.Close()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.name) {
			t.Errorf("Open(%s, %d) = %v, want %q", c.name, c.baud, err, c.want)
		}
	}
	_, err := serialport.Open("/dev/no-such-port", 115200)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not fs.ErrNotExist", err)
	}
	var open *serialport.OpenError
	if !errors.As(err, &open) || open.Baud != 115200 {
		t.Errorf("%#v is no OpenError", err)
	}
}

func TestAPortThatMayNotBeOpenedSaysWhatToDo(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may open every port")
	}
	_, name := pseudoTerminal(t)
	if err := os.Chmod(name, 0); err != nil {
		t.Skip("its permissions cannot be changed: ", err)
	}
	_, err := serialport.Open(name, 115200)
	if err == nil || !strings.Contains(err.Error(), "dialout") {
		t.Errorf("Open = %v", err)
	}
}
