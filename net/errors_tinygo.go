//go:build tinygo

package net

// callFailure is os.SyscallError, which in TinyGo does not know Timeout.
type callFailure struct {
	call string
	err  error
}

func syscallError(call string, err error) error { return &callFailure{call, err} }

func (e *callFailure) Error() string { return e.call + ": " + e.err.Error() }
func (e *callFailure) Unwrap() error { return e.err }

func (e *callFailure) Timeout() bool {
	t, ok := e.err.(interface{ Timeout() bool })
	return ok && t.Timeout()
}

func (e *callFailure) Temporary() bool {
	t, ok := e.err.(interface{ Temporary() bool })
	return ok && t.Temporary()
}
