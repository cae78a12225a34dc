//go:build !tinygo

package net

import "os"

func syscallError(call string, err error) error { return os.NewSyscallError(call, err) }
