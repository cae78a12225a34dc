//go:build unix

package sim

import (
	"fmt"
	"os"
	"syscall"
)

// lockFile waits until nobody else has f locked. The lock ends with the process
// at the latest.
func lockFile(f *os.File) error {
	for {
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != syscall.EINTR {
			return err
		}
	}
}

// tryShared reports whether nobody has f locked for himself.
func tryShared(f *os.File) bool {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) == nil
}

// private is an error where others than the user may write to dir.
func private(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || info.Mode().Perm()&0o077 != 0 || ok && int(owner.Uid) != os.Getuid() {
		return fmt.Errorf("%s is not this user's alone", dir)
	}
	return nil
}
