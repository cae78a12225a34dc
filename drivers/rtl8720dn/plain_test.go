//go:build !tinygo

package rtl8720dn_test

import (
	"bytes"
	"io"
	"testing"
	"testing/synctest"
	"time"

	driver "github.com/netdev-go/netdev/drivers/rtl8720dn"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/bus"
	"github.com/netdev-go/netdev/sim/rtl8720dn"
)

// plain hides that a port can be waited for: so is a microcontroller's.
type plain struct{ driver.UART }

// A UART that wakes nobody, with a ring of 128 bytes, loses nothing, and makes
// nobody wait.
func TestAUARTThatMustBeAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network, err := sim.Boot(sim.Config{Forwards: []sim.Forward{}})
		if err != nil {
			t.Fatal(err)
		}
		defer network.Stop()
		peer, err := network.Peer()
		if err != nil {
			t.Fatal(err)
		}
		chip := rtl8720dn.New(rtl8720dn.Config{Network: network, Baud: rtl8720dn.Baud, Ring: 128})
		defer chip.Stop()
		dev := driver.New(&driver.Config{UART: plain{chip.Port()}, Enable: chip.Enable})
		defer dev.Stop()
		w := &world{TB: t, Device: dev, chip: chip, peer: peer}
		w.must("NetConnect", w.NetConnect(&netlink.ConnectParams{Ssid: "n", WatchdogTimeout: time.Second}))

		fd, far := w.connect()
		go io.Copy(far, far)
		out, in := make([]byte, 20_000), make([]byte, 20_000)
		for i := range out {
			out[i] = byte(i * 11)
		}
		go w.Send(fd, out, 0, soon())
		for n := 0; n < len(in); {
			m, err := w.Recv(fd, in[n:], 0, soon())
			w.must("Recv", err)
			n += m
		}
		if s := w.Stats(); !bytes.Equal(in, out) || s.Damaged != 0 || chip.Stats().Lost != 0 {
			t.Errorf("the same came back: %v; %d frames damaged, %d bytes lost", bytes.Equal(in, out), s.Damaged, chip.Stats().Lost)
		}

		time.Sleep(time.Minute)
		begin := time.Now()
		w.Send(fd, []byte("x"), 0, soon())
		_, err = w.Recv(fd, in[:1], 0, soon())
		w.must("Recv", err)
		if took := time.Since(begin); took > 15*time.Millisecond {
			t.Errorf("a byte took %v", took)
		}

		chip.Inject(nil, bus.Nth(30, bus.Lose))
		time.Sleep(3 * time.Second) // the watchdog's call is hit
		w.connect()
		chip.Crash()
		time.Sleep(20 * time.Second)
		w.connect()
	})
}
