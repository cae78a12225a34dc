package bus

import (
	"errors"
	"io"
	"os"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Terminal has the system show p as a serial port: what a program writes to the
// file called name is written to p, and the other way round, until stop. So a
// driver that is made for a serial port, in whatever program, finds a simulated
// chip there. stop waits for bytes on their way into p: the chip has to read, or p
// to be closed.
func Terminal(p *Port) (name string, stop func() error, err error) {
	far, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return "", nil, err
	}
	name, near, err := unlock(far)
	if err != nil {
		far.Close()
		return "", nil, err
	}
	stopped := make(chan struct{})
	var copies sync.WaitGroup
	copies.Go(func() { io.Copy(p, far) })
	copies.Go(func() {
		var b [4096]byte
		for {
			n, err := p.Read(b[:])
			if _, failed := far.Write(b[:n]); err != nil || failed != nil {
				return
			}
			if n == 0 {
				p.WaitReadable(-1 * time.Second)
			}
			select {
			case <-stopped:
				return
			default:
			}
		}
	})
	stop = sync.OnceValue(func() error {
		close(stopped)
		p.Interrupt()
		err := errors.Join(far.Close(), near.Close())
		copies.Wait()
		return err
	})
	return name, stop, nil
}

// unlock returns the near end of a pseudo-terminal, which is held open: without
// anybody there the far end could not be read.
func unlock(far *os.File) (name string, near *os.File, err error) {
	raw, err := far.SyscallConn()
	if err != nil {
		return "", nil, err
	}
	var n int
	if e := raw.Control(func(fd uintptr) {
		if err = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0); err == nil {
			n, err = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		}
	}); err == nil {
		err = e
	}
	if err != nil {
		return "", nil, err
	}
	name = "/dev/pts/" + strconv.Itoa(n)
	near, err = os.OpenFile(name, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return "", nil, err
	}
	// Nobody is to edit or echo lines before the program has said so itself.
	if t, e := unix.IoctlGetTermios(int(near.Fd()), unix.TCGETS); e == nil {
		t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
		t.Cflag = t.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
		unix.IoctlSetTermios(int(near.Fd()), unix.TCSETS, t)
	}
	return name, near, nil
}
