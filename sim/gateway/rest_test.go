package gateway_test

import (
	"context"
	"io"
	"net/netip"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// A program that looks for goroutines that it left behind finds none of the
// network's, once the network has nothing to do.
func TestANetworkAtRestHasNoGoroutine(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		board := w.board("board")
		_, err := board.LookupNetIP(context.Background(), "ip4", "www.example")
		w.must(err)
		l := w.listen(w.far, netip.AddrPortFrom(farAddr, 80))
		w.served(l, echo)
		c, err := w.dial(board, "tcp", netip.AddrPortFrom(farAddr, 80))
		w.must(err)
		_, err = io.WriteString(c, "x")
		w.must(err)
		_, err = io.ReadFull(c, make([]byte, 1))
		w.must(err)
		if len(networkGoroutines()) == 0 {
			t.Error("no goroutine carries a connection: the test looks for the wrong ones")
		}
		c.Close()
		time.Sleep(time.Second)
		if left := networkGoroutines(); len(left) > 0 {
			t.Errorf("at rest:\n%s", strings.Join(left, "\n\n"))
		}
		// And it wakes up.
		_, err = board.LookupNetIP(context.Background(), "ip4", "gateway")
		w.must(err)
	})
}

var bubble = regexp.MustCompile(`synctest bubble \d+`)

// networkGoroutines returns the stacks of those in the test's bubble that the
// gateway or an Ethernet device began.
func networkGoroutines() (stacks []string) {
	buf := make([]byte, 4<<20)
	all := strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n")
	own := bubble.FindString(all[0])
	for _, s := range all[1:] {
		if bubble.FindString(s) == own && (strings.Contains(s, "/sim/gateway.(*") || strings.Contains(s, "/sim/ether.(*Device).pump")) {
			stacks = append(stacks, s)
		}
	}
	return stacks
}
