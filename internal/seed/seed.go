// Package seed has tests that live by chance run with another seed than theirs.
package seed

import (
	"os"
	"strconv"
)

// Or returns the number that the environment has as SEED, or own.
func Or(own uint64) uint64 {
	if n, err := strconv.ParseUint(os.Getenv("SEED"), 0, 64); err == nil {
		return n
	}
	return own
}
