package offload_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// Sockets that have always something to do take turns, and so do jobs.
func TestSocketsAndJobsTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{Sockets: 3, Blocks: 100})
		chip.on(func(call string, id int) error {
			time.Sleep(time.Millisecond) // so that others can always go on
			return nil
		})
		for range 3 {
			fd, local := connect(t, dev)
			chip.with(local, func(s *fakeSock) { s.chunk = 10 })
			go dev.Send(fd, pattern(1<<20), 0, never)
		}
		go func() {
			for range 100 {
				if chip.core.Do(t.Context(), func() error {
					chip.mu.Lock()
					chip.log = append(chip.log, "job")
					chip.mu.Unlock()
					return nil
				}) != nil {
					return
				}
			}
		}()
		time.Sleep(100 * time.Millisecond)
		chip.mu.Lock()
		log := strings.Join(chip.log[len(chip.log)-50:], ",")
		chip.mu.Unlock()
		for _, turn := range []string{"Send 0,", "Send 1,", "Send 2,", "job,"} {
			if n := strings.Count(log, turn); n < 8 {
				t.Errorf("%s %d times of 50: %s", turn, n, log)
			}
		}
		chip.core.Stop()
	})
}
