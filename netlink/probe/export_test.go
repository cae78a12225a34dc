//go:build !tinygo

package probe

// Forget has the next NetConnect be the program's first.
func Forget() { asked.Store(false) }
