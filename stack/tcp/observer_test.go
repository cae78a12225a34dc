package tcp

import (
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack/tcp/congestion"
)

// A watcher is a Controller that counts what it is told of.
type watcher struct {
	congestion.Controller
	losses int
}

func (*watcher) Name() string                 { return "watcher" }
func (w *watcher) New() congestion.Controller { w.Controller = congestion.NewReno.New(); return w }
func (w *watcher) OnLost(l *congestion.Loss)  { w.losses++ }

func TestObserverIsNotToldOfWhatAPathIsTooSmallFor(t *testing.T) {
	w := &watcher{}
	p := newPair(Config{Congestion: w})
	client, _ := p.connect(t, 1000, p.listen(t, 1))
	p.drop = func(from *Engine, seg []byte) bool { return from == p.a }
	client.Write(p.now, make([]byte, 5000))
	p.flush()
	before := client.Info().MSS
	p.a.Unreachable(p.now, netip.AddrPortFrom(addrA, 1000), portB, uint32(client.sndUna), netdev.ErrMessageTooLong, false, 1000)
	if client.Info().MSS >= before {
		t.Fatalf("the MSS is still %d", before)
	}
	if w.losses != 0 {
		t.Errorf("told of %d losses", w.losses)
	}
	p.flush()
	for w.losses == 0 && p.step() {
	}
	if client.Info().Retransmits == 0 {
		t.Error("told of losses before the timeout")
	}
}

func TestAnotherCongestionControlTakesOver(t *testing.T) {
	w := &watcher{}
	p := newPair(Config{})
	client, server := p.connect(t, 1000, p.listen(t, 1))
	lose := true
	p.drop = func(from *Engine, seg []byte) bool { return lose && from == p.a }
	client.Write(p.now, make([]byte, 50000))
	p.flush()
	o := client.Options()
	o.Congestion = w
	client.SetOptions(p.now, o)
	if got := client.Info(); got.Congestion != "watcher" || got.Window != client.initialWindow() {
		t.Errorf("%+v", got)
	}
	for w.losses == 0 && p.step() {
	}
	if w.losses == 0 {
		t.Error("the new one is not told of losses")
	}
	lose = false
	for server.Buffered() < 50000 && p.step() {
	}
	if server.Buffered() != 50000 {
		t.Errorf("%d bytes have arrived", server.Buffered())
	}
}
