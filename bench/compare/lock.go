//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// lock makes this the only bench on the machine: two would measure each other. The
// kernel gives the lock up with the process. Who waits tells so.
func lock(ctx context.Context, wait bool, tell io.Writer) (unlock func(), err error) {
	name := filepath.Join(os.TempDir(), "netdev-bench.lock")
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		// Every user is to have the same one, which a umask would prevent.
		if f, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666); err == nil {
			f.Chmod(0o666)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("no lock against a second bench in the directory that TMPDIR names: %w", err)
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			break
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			f.Close()
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		holder, _ := os.ReadFile(name)
		other := "another bench runs on this machine, process " + strings.TrimSpace(string(holder))
		if !wait {
			f.Close()
			return nil, fmt.Errorf("%s: each would measure the other; -wait waits for its end", other)
		}
		if tell != nil {
			fmt.Fprintf(tell, "bench: %s; waiting for its end\n", other)
			tell = nil
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, ctx.Err()
		case <-time.After(time.Second):
		}
	}
	f.Truncate(0)
	f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return func() { f.Close() }, nil
}
