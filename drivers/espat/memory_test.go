package espat_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/espat"
)

// A peer that takes nothing shows how much a socket holds.
func TestASocketHoldsWhatItsConfigurationSays(t *testing.T) {
	for _, c := range []struct{ memory, socket, want int }{
		{0, 0, 2048},
		{64 << 10, 0, 2048},
		{64 << 10, 5000, 5000},
	} {
		synctest.Test(t, func(t *testing.T) {
			m := newModule()
			dev := espat.New(&espat.Config{UART: m, Timeout: 4 * time.Second, Memory: c.memory, SocketBuffer: c.socket})
			defer dev.Stop()
			join(t, dev, 0)
			fd := dialled(t, dev)
			// Beyond what a new connection has room for the module tells what went on.
			for sent := 0; sent < 5000; {
				n, err := dev.Send(fd, make([]byte, 1000), 0, never)
				if err != nil {
					t.Fatal(err)
				}
				sent += n
			}
			synctest.Wait()
			m.do(func() { m.take = func(int) int { return 0 } })
			held := 0
			for {
				n, err := dev.Send(fd, make([]byte, 100), 0, time.Now().Add(time.Second))
				if held += n; err == netdev.ErrTimeout {
					break
				} else if err != nil {
					t.Fatal(err)
				}
			}
			if held < c.want-100 || held > c.want {
				t.Errorf("Memory %d, SocketBuffer %d: a socket held %d bytes, want %d", c.memory, c.socket, held, c.want)
			}
		})
	}
}
