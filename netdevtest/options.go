package netdevtest

import (
	"errors"
	"io"
	"net"

	"github.com/netdev-go/netdev"
)

var optionsGroup = Group{Name: "Options", Prefix: "OPT", Rules: []Rule{
	{
		ID: "OPT-1", Name: "set or not supported", check: checkOptions,
		Text: "`SetSockOpt` of an option in the table below, with a value of its type, is nil or `ErrNotSupported`.",
	},
	{
		ID: "OPT-2", Name: "unknown option", check: checkUnknownOption,
		Text: "An option or level that the device does not know is `ErrNotSupported`, never nil.",
	},
	{
		ID: "OPT-3", Name: "value of the wrong type", check: checkOptionType,
		Text: "A value of a type that is not the option's is `ErrInvalid` (or `ErrNotSupported` where the option is not). An int counts as a bool and a bool as an int.",
	},
	{
		ID: "OPT-4", Name: "TinyGo's keep-alive", check: checkOptionTinyGo,
		Text: "`TCP_KEEPINTVL` also takes the float64 of TinyGo's `net`, in half seconds.",
	},
	{
		ID: "OPT-5", Name: "linger 0 resets", check: checkLingerZero, Optional: true,
		Text: "`SO_LINGER` 0 makes `Close` reset the connection, or is `ErrNotSupported`.",
	},
	{
		ID: "OPT-6", Name: "data goes on", check: checkOptionsKeepData,
		Text: "Setting an option that the device has leaves the connection as it is.",
	},
	{
		ID: "OPT-7", Name: "read-only option", check: checkOptionReadOnly,
		Text: "An option that can only be read is `ErrNotSupported` or `ErrInvalid` to `SetSockOpt`.",
	},
	{
		ID: "OPT-8", Name: "congestion control", check: checkCongestion,
		Text: "`TCP_CONGESTION` takes the name that `GetSockOpt` gives; a name that is not there, and what is no string, is `ErrInvalid`. Or the option is `ErrNotSupported`.",
	},
}}

// An option is a row of the table of options that can be set.
type option struct {
	name       string
	level, opt int
	stype      int
	value      any
}

func socketOptions() []option {
	return []option{
		{"SO_REUSEADDR", netdev.SOL_SOCKET, netdev.SO_REUSEADDR, stream, true},
		{"SO_REUSEPORT", netdev.SOL_SOCKET, netdev.SO_REUSEPORT, stream, true},
		{"SO_KEEPALIVE", netdev.SOL_SOCKET, netdev.SO_KEEPALIVE, stream, true},
		{"SO_LINGER", netdev.SOL_SOCKET, netdev.SO_LINGER, stream, 3},
		{"SO_SNDBUF", netdev.SOL_SOCKET, netdev.SO_SNDBUF, stream, 16384},
		{"SO_RCVBUF", netdev.SOL_SOCKET, netdev.SO_RCVBUF, stream, 16384},
		{"TCP_NODELAY", netdev.SOL_TCP, netdev.TCP_NODELAY, stream, true},
		{"TCP_MAXSEG", netdev.SOL_TCP, netdev.TCP_MAXSEG, stream, 1200},
		{"TCP_KEEPIDLE", netdev.SOL_TCP, netdev.TCP_KEEPIDLE, stream, 20},
		{"TCP_KEEPINTVL", netdev.SOL_TCP, netdev.TCP_KEEPINTVL, stream, 7},
		{"TCP_KEEPCNT", netdev.SOL_TCP, netdev.TCP_KEEPCNT, stream, 4},
		{"TCP_USER_TIMEOUT", netdev.SOL_TCP, netdev.TCP_USER_TIMEOUT, stream, 9000},
		{"IP_TOS", netdev.IPPROTO_IP, netdev.IP_TOS, stream, 0x10},
		{"IP_TTL", netdev.IPPROTO_IP, netdev.IP_TTL, stream, 33},
		{"SO_BROADCAST", netdev.SOL_SOCKET, netdev.SO_BROADCAST, dgram, true},
		{"IP_MULTICAST_TTL", netdev.IPPROTO_IP, netdev.IP_MULTICAST_TTL, dgram, 5},
		{"IP_MULTICAST_LOOP", netdev.IPPROTO_IP, netdev.IP_MULTICAST_LOOP, dgram, false},
	}
}

func checkOptions(t *trial) {
	for _, o := range socketOptions() {
		fd := t.socket(inet, o.stype, 0)
		if err := t.dev.SetSockOpt(fd, o.level, o.opt, o.value); err != nil {
			t.want("SetSockOpt "+o.name, err, netdev.ErrNotSupported)
		}
		t.close(fd)
	}
}

func checkUnknownOption(t *trial) {
	for _, stype := range []int{stream, dgram} {
		fd := t.socket(inet, stype, 0)
		for _, o := range []struct{ level, opt int }{
			{netdev.SOL_SOCKET, 9999}, {netdev.SOL_TCP, 9999}, {netdev.IPPROTO_IP, 9999}, {9999, 1}, {-1, -1},
		} {
			err := t.dev.SetSockOpt(fd, o.level, o.opt, 1)
			if !errors.Is(err, netdev.ErrNotSupported) {
				t.Fatalf("SetSockOpt(%d, %d), which does not exist: %s, want ErrNotSupported", o.level, o.opt, describe(err))
			}
		}
		t.close(fd)
	}
}

func checkOptionType(t *trial) {
	for _, o := range socketOptions() {
		fd := t.socket(inet, o.stype, 0)
		for _, value := range []any{"1", nil, struct{}{}} {
			err := t.dev.SetSockOpt(fd, o.level, o.opt, value)
			if !errors.Is(err, netdev.ErrInvalid) && !errors.Is(err, netdev.ErrNotSupported) {
				t.Fatalf("SetSockOpt %s to a %T: %s, want ErrInvalid", o.name, value, describe(err))
			}
		}
		t.close(fd)
	}
	fd := t.stream()
	if t.dev.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_KEEPALIVE, true) == nil {
		t.must("SetSockOpt SO_KEEPALIVE to an int", t.dev.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_KEEPALIVE, 1))
	}
}

func checkOptionTinyGo(t *trial) {
	fd := t.stream()
	if err := t.dev.SetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_KEEPINTVL, float64(30)); err != nil {
		t.want("SetSockOpt TCP_KEEPINTVL to a float64", err, netdev.ErrNotSupported)
		return
	}
	if t.dev.opts == nil {
		return
	}
	value, err := t.dev.GetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_KEEPINTVL)
	if err == nil && value != 15 {
		t.Fatalf("TCP_KEEPINTVL reads back as %v (%T) after 30 half seconds, want 15", value, value)
	}
}

func checkLingerZero(t *trial) {
	fd, c := t.connected()
	if err := t.dev.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_LINGER, 0); errors.Is(err, netdev.ErrNotSupported) {
		t.absent("SetSockOpt SO_LINGER: %v", err)
	}
	t.close(fd)
	if _, err := c.Read(make([]byte, 1)); err == nil || err == io.EOF {
		t.Fatalf("after Close with SO_LINGER 0 the peer read %v, want a reset", err)
	}
}

func checkOptionsKeepData(t *trial) {
	for _, open := range []func() (int, net.Conn){t.connected, t.accepted} {
		fd, c := open()
		t.peerSend(c, []byte("before"))
		for _, o := range socketOptions() {
			if o.stype == stream {
				t.dev.SetSockOpt(fd, o.level, o.opt, o.value)
			}
		}
		t.same("what came before the options", t.recvN(fd, 6), []byte("before"))
		t.echo(fd, c, 1)
	}
}

func checkOptionReadOnly(t *trial) {
	fd := t.stream()
	for _, opt := range []int{netdev.SO_TYPE, netdev.SO_ERROR, netdev.SO_ACCEPTCON} {
		err := t.dev.SetSockOpt(fd, netdev.SOL_SOCKET, opt, 1)
		t.want("SetSockOpt of an option to read", err, netdev.ErrNotSupported, netdev.ErrInvalid)
	}
}

func checkCongestion(t *trial) {
	fd := t.stream()
	for _, value := range []any{"no such algorithm", "", 1, nil} {
		err := t.dev.SetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_CONGESTION, value)
		if errors.Is(err, netdev.ErrNotSupported) {
			return
		}
		t.want("SetSockOpt TCP_CONGESTION to what is not there", err, netdev.ErrInvalid)
	}
	if t.dev.opts == nil {
		return
	}
	name, err := t.dev.GetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_CONGESTION)
	t.must("GetSockOpt TCP_CONGESTION", err)
	t.must("SetSockOpt TCP_CONGESTION to what it is", t.dev.SetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_CONGESTION, name))
}
