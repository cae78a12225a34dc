//go:build race

package broken

// Race is whether the race detector watches.
const Race = true
