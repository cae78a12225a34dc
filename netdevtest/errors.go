package netdevtest

import (
	"errors"
	"net"
	"os"
)

var errorsGroup = Group{Name: "Errors", Prefix: "ERR", Rules: []Rule{
	{
		ID: "ERR-1", Name: "timeout is the standard one", check: checkTimeoutError,
		Text: "A deadline's error is `os.ErrDeadlineExceeded` to `errors.Is`, and a `net.Error` whose `Timeout` is true.",
	},
	{
		ID: "ERR-2", Name: "closed is the standard one", check: checkClosedError,
		Text: "What `Close` wakes a call with is `net.ErrClosed` to `errors.Is`.",
	},
	{
		ID: "ERR-3", Name: "unsupported is the standard one", check: checkUnsupportedError,
		Text: "`ErrNotSupported` and `ErrTLSUnavailable` are `errors.ErrUnsupported` to `errors.Is`.",
	},
	{
		ID: "ERR-4", Name: "no descriptor beside an error", check: checkMinusOne,
		Text: "`Socket` and `Accept` return -1 beside an error.",
	},
	{
		ID: "ERR-5", Name: "no negative count", check: checkNoNegativeCount,
		Text: "`Send` and `Recv` return 0 or more beside an error.",
	},
}}

func checkTimeoutError(t *trial) {
	fd, _ := t.connected()
	_, err := t.dev.Recv(fd, make([]byte, 1), 0, in(t.cfg.Pause/3))
	t.want("Recv past its deadline", err, os.ErrDeadlineExceeded)
	var ne net.Error
	if !errors.As(err, &ne) || !ne.Timeout() {
		t.Fatalf("Recv past its deadline: %s, want a net.Error whose Timeout is true", describe(err))
	}
}

func checkClosedError(t *trial) {
	fd, _ := t.connected()
	p := t.waitRecv(fd, make([]byte, 1), never)
	t.close(fd)
	t.want("Recv whose socket was closed", p.soon().err, net.ErrClosed)
}

func checkUnsupportedError(t *trial) {
	fd := t.stream()
	err := t.dev.SetSockOpt(fd, 12345, 54321, 1)
	t.want("SetSockOpt of an option that nobody has", err, errors.ErrUnsupported)
}

func checkMinusOne(t *trial) {
	if fd, err := t.dev.Socket(77, stream, 0); fd != -1 || err == nil {
		t.Fatalf("Socket of an unknown family: %v, want -1 and an error", result{fd, err})
	}
	lfd, _ := t.listener(1)
	t.close(lfd)
	if fd, _, err := t.dev.Accept(lfd); fd != -1 || err == nil {
		t.Fatalf("Accept on a closed listener: %v, want -1 and an error", result{fd, err})
	}
}

func checkNoNegativeCount(t *trial) {
	fd, c := t.connected()
	buf := make([]byte, 1)
	check := func(what string, n int, err error) {
		t.Helper()
		if n != 0 || err == nil {
			t.Fatalf("%s: %v, want 0 and an error", what, result{n, err})
		}
	}
	past := in(-1)
	n, err := t.dev.Recv(fd, buf, 0, past)
	check("Recv past its deadline", n, err)
	n, err = t.dev.Send(fd, buf, 0, past)
	check("Send past its deadline", n, err)
	t.closeWrite(c)
	n, err = t.dev.Recv(fd, buf, 0, t.soonest())
	check("Recv after the peer's FIN", n, err)
	t.close(fd)
	n, err = t.dev.Recv(fd, buf, 0, never)
	check("Recv on a closed descriptor", n, err)
	n, err = t.dev.Send(fd, buf, 0, never)
	check("Send on a closed descriptor", n, err)
	n, err = t.dev.Send(t.stream(), buf, 0, never)
	check("Send on a new stream", n, err)
}
