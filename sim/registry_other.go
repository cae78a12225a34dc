//go:build !unix

package sim

import (
	"errors"
	"fmt"
	"os"
)

var errNoLock = fmt.Errorf("a network of several processes: %w on this system", errors.ErrUnsupported)

func lockFile(*os.File) error { return errNoLock }

func tryShared(*os.File) bool { return true }

func private(string) error { return nil }
