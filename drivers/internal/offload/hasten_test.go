package offload_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// Also where it was closed only while the chip said that there is no other.
func TestASocketThatIsLongInClosingGivesWayHoweverLateItWasClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		chip.most = 2
		first, one := connect(t, dev)
		second, two := connect(t, dev)
		for _, local := range []uint16{one, two} {
			chip.with(local, func(s *fakeSock) { s.closes = plenty })
		}
		chip.on(func(call string, id int) error {
			if call == "Open" {
				time.Sleep(time.Second)
			}
			return nil
		})
		must(t, dev.Close(first))
		opened := start(func() (int, error) { return dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0) })
		synctest.Wait()
		must(t, dev.Close(second))
		begun := time.Now()
		must(t, (<-opened).err)
		if d := time.Since(begun); d > 10*time.Second {
			t.Fatalf("after %v", d)
		}
	})
}
