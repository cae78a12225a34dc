//go:build !tinygo

package rtl8720dn_test

import (
	"context"
	"testing"
	"time"

	"github.com/netdev-go/netdev/sim/boards"
)

func TestScan(t *testing.T) {
	inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		found, err := w.Scan(ctx)
		t.Log(found, err)
		v, err := w.Firmware()
		t.Log(v, err)
		r, err := w.RSSI()
		t.Log(r, err)
		t.Log(w.Interfaces())
		t.Log(w.DNSServers())
		t.Logf("%+v", w.Stats())
		t.Logf("%+v", w.chip.Stats())
	})
}
