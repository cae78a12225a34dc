//go:build !tinygo

package wifinina_test

import (
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/wifinina"
	"github.com/netdev-go/netdev/netdevtest"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/boards"
	"github.com/netdev-go/netdev/sim/nina"
)

func open(t testing.TB, c boards.Config, set func(*nina.Config, *wifinina.Config)) *boards.Board {
	t.Helper()
	b, chip, err := boards.WifiNINAWith(c, set)
	must(t, err)
	t.Cleanup(func() {
		b.Stop()
		if s := chip.Stats(); s.Abuse > 0 && !t.Failed() {
			t.Errorf("a real chip would have been hurt %d times: %v", s.Abuse, s.Reasons)
		}
	})
	must(t, b.NetConnect(&netlink.ConnectParams{}))
	return b
}

func TestConformance(t *testing.T) {
	conform(t, boards.Config{}, nil, netdevtest.Config{})
}

// What firmware before 1.5.0 lets a driver keep. The rest, and why, is in the
// package's documentation.
var oldRules = []string{
	"SOCK", "BIND-1", "BIND-2", "BIND-3", "BIND-5", "BIND-6", "BIND-7",
	"CONN-1", "CONN-2", "CONN-5", "CONN-6", "CONN-7", "CONN-8", "CONN-9", "CONN-10", "CONN-11",
	"ACC-4", "ACC-8", "ACC-9",
	"SEND-1", "SEND-2", "SEND-3", "SEND-4", "SEND-5", "SEND-6", "SEND-7", "SEND-8", "SEND-9", "SEND-10",
	"RECV-1", "RECV-3", "RECV-5", "RECV-7", "RECV-8", "RECV-9", "RECV-10", "RECV-11", "DLN",
	"CLOSE-2", "CLOSE-3", "CLOSE-4", "CLOSE-5", "CLOSE-7", "CLOSE-8", "CONC-1", "CONC-3", "CONC-4", "CONC-6",
	"NAME", "ERR", "OPT-1", "OPT-2", "OPT-3", "OPT-4", "OPT-7",
	"PKT-1", "PKT-2", "PKT-3", "PKT-4", "PKT-5", "PKT-6", "PKT-7", "PKT-8", "PKT-10",
	"SNAME-1", "SNAME-4", "SNAME-5", "SNAME-6", "GOPT-1", "GOPT-2", "GOPT-4", "RES", "DNS",
	"POLL-1", "POLL-2", "POLL-5", "POLL-8", "POLL-10", "POLL-11", "POLL-12", "MCAST", "IFACE", "LIST-2", "PING-1",
}

func TestConformanceOfOldFirmware(t *testing.T) {
	conform(t, boards.Config{Firmware: "1.4.8"}, nil, netdevtest.Config{Rules: oldRules})
}

// 1.5.0 has the newer sockets, and does not tell its name servers.
func TestConformanceOfTheFirstFirmwareWithTheNewerSockets(t *testing.T) {
	conform(t, boards.Config{Firmware: "1.5.0"}, nil, netdevtest.Config{Rules: []string{"SOCK", "CONN", "ACC", "PKT", "NAME", "RES", "DNS"}})
}

// The memory of a small board, and a chip that takes its time.
func TestConformanceOfASmallBoard(t *testing.T) {
	set := func(cc *nina.Config, dc *wifinina.Config) {
		cc.Latency = 100 * time.Microsecond
		dc.SocketBuffer, dc.Memory, dc.Segment = 0, 0, 0
	}
	rules := []string{"SOCK", "BIND", "CONN", "ACC", "SEND", "RECV", "DLN", "CLOSE", "CONC", "PKT", "POLL", "NAME"}
	conform(t, boards.Config{}, set, netdevtest.Config{Rules: rules})
}

func conform(t *testing.T, bc boards.Config, set func(*nina.Config, *wifinina.Config), c netdevtest.Config) {
	t.Parallel()
	c.New = func(tb testing.TB) netdev.Netdever {
		return open(tb, bc, set)
	}
	c.Peer = func(tb testing.TB, dev netdev.Netdever) netdevtest.Peer {
		p, err := dev.(*boards.Board).Peer()
		if err != nil {
			tb.Fatal(err)
		}
		return p
	}
	netdevtest.RunConfig(t, c)
}
