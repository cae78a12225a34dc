//go:build !tinygo

package wifinina_test

import (
	"testing"
	"time"

	"github.com/netdev-go/netdev/netlink"
)

// twist has the next commands of that number arrive as another one.
func (w *world) twist(cmd, as byte, times int) {
	r := reader{}
	w.chip.Inject(func(_ int64, b byte) []byte {
		if c, _ := r.next(b); c == cmd && r.at == 2 && times > 0 {
			times--
			b = as
		}
		return []byte{b}
	}, nil)
}

func TestOneDisturbedCommandDoesNotCostTheLink(t *testing.T) {
	inTime(t, "2.0.0", func(t *testing.T, w *world) {
		w.dev.NetDisconnect()
		must(t, w.board.NetConnect(&netlink.ConnectParams{WatchdogTimeout: time.Second}))
		fd, c := w.connect()
		for _, as := range []byte{0x21, 0x22, 0x60, 0x28} {
			w.twist(0x20, as, 1)
			time.Sleep(3 * time.Second)
			w.works(fd, c)
		}
	})
}
