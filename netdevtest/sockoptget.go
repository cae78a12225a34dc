package netdevtest

import (
	"errors"

	"github.com/netdev-go/netdev"
)

var sockOptGetGroup = Group{
	Name: "SockOptGet", Prefix: "GOPT", Capability: "SockOptGetter", has: has[netdev.SockOptGetter],
	Rules: []Rule{
		{
			ID: "GOPT-1", Name: "what was set", check: checkOptionsReadBack,
			Text: "`GetSockOpt` returns what `SetSockOpt` set, in the type of the table (a buffer size at least as large).",
		},
		{
			ID: "GOPT-2", Name: "type and listener", check: checkOptionState,
			Text: "`SO_TYPE` is the type that `Socket` was given, and `SO_ACCEPTCON` tells whether the socket listens.",
		},
		{
			ID: "GOPT-3", Name: "pending error", check: checkOptionError,
			Text: "`SO_ERROR` returns the pending error and clears it, and nil where there is none.",
		},
		{
			ID: "GOPT-4", Name: "unknown option", check: checkGetUnknownOption,
			Text: "An option or level that the device does not know is `ErrNotSupported`.",
		},
	},
}

func checkOptionsReadBack(t *trial) {
	known := 0
	for _, o := range socketOptions() {
		fd := t.socket(inet, o.stype, 0)
		if err := t.dev.SetSockOpt(fd, o.level, o.opt, o.value); err != nil {
			t.close(fd)
			continue
		}
		known++
		got, err := t.dev.GetSockOpt(fd, o.level, o.opt)
		size, isInt := got.(int)
		atLeast := o.opt == netdev.SO_SNDBUF || o.opt == netdev.SO_RCVBUF
		if err != nil || got != o.value && !(o.level == netdev.SOL_SOCKET && atLeast && isInt && size >= o.value.(int)) {
			t.Fatalf("GetSockOpt %s after it was set to %v: %v (%T), %s", o.name, o.value, got, got, describe(err))
		}
		t.close(fd)
	}
	if known == 0 {
		t.absent("the device has no option to set")
	}
}

func checkOptionState(t *trial) {
	lfd, _ := t.listener(1)
	for _, s := range []struct {
		what string
		fd   int
		opt  int
		want any
	}{
		{"SO_TYPE of a stream", t.stream(), netdev.SO_TYPE, stream},
		{"SO_TYPE of a datagram socket", t.datagram(), netdev.SO_TYPE, dgram},
		{"SO_ACCEPTCON of a listener", lfd, netdev.SO_ACCEPTCON, true},
		{"SO_ACCEPTCON of a new stream", t.stream(), netdev.SO_ACCEPTCON, false},
	} {
		got, err := t.dev.GetSockOpt(s.fd, netdev.SOL_SOCKET, s.opt)
		if errors.Is(err, netdev.ErrNotSupported) {
			t.absent("GetSockOpt %s: %v", s.what, err)
		}
		if err != nil || got != s.want {
			t.Fatalf("GetSockOpt %s: %v (%T), %s, want %v", s.what, got, got, describe(err), s.want)
		}
	}
}

func checkOptionError(t *trial) {
	pending := func(fd int) error {
		t.Helper()
		value, err := t.dev.GetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_ERROR)
		if errors.Is(err, netdev.ErrNotSupported) {
			t.absent("GetSockOpt SO_ERROR: %v", err)
		}
		t.must("GetSockOpt SO_ERROR", err)
		if value == nil {
			return nil
		}
		pendingErr, ok := value.(error)
		if !ok {
			t.Fatalf("SO_ERROR is %v (%T), want an error or nil", value, value)
		}
		return pendingErr
	}
	fd, c := t.connected()
	if err := pending(fd); err != nil {
		t.Fatalf("SO_ERROR of a healthy stream: %s, want nil", describe(err))
	}
	if t.dev.poller == nil {
		return // nothing tells when the reset has come
	}
	ready := t.notified(fd)
	t.reset(c)
	t.awaitPoll(fd, ready, netdev.PollErr)
	t.want("SO_ERROR after the peer's reset", pending(fd), netdev.ErrConnReset)
	if err := pending(fd); err != nil {
		t.Fatalf("SO_ERROR once more: %s, want nil", describe(err))
	}
}

func checkGetUnknownOption(t *trial) {
	fd := t.stream()
	for _, o := range []struct{ level, opt int }{{netdev.SOL_SOCKET, 9999}, {netdev.SOL_TCP, 9999}, {9999, 1}, {-1, -1}} {
		_, err := t.dev.GetSockOpt(fd, o.level, o.opt)
		if !errors.Is(err, netdev.ErrNotSupported) {
			t.Fatalf("GetSockOpt(%d, %d), which does not exist: %s, want ErrNotSupported", o.level, o.opt, describe(err))
		}
	}
}
