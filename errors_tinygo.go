//go:build tinygo

package netdev

func isSystem(reason, error) bool { return false }
