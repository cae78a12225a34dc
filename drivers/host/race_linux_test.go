//go:build race && !tinygo

package host_test

func init() { raceEnabled = true }
