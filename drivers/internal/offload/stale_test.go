package offload_test

import (
	"context"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// A Connect that is cancelled in the moment in which it succeeds leaves nothing of
// that connection to the next one. The moment cannot be had for certain, so it is
// tried often.
func TestNothingOfAConnectionThatWasGivenUpIsInTheNext(t *testing.T) {
	chip, dev := newFake(t, offload.Config{})
	cancelled := 0
	for end := time.Now().Add(300 * time.Millisecond); time.Now().Before(end); {
		ctx, cancel := context.WithCancel(t.Context())
		old := true
		chip.on(func(call string, id int) error {
			switch {
			case call == "Connect":
				chip.mu.Lock()
				chip.socks[id].in = []byte("new")
				if old {
					chip.socks[id].in, chip.socks[id].end = []byte("old"), netdev.ErrConnReset
				}
				chip.mu.Unlock()
				if old {
					return netdev.ErrInProgress
				}
			case call == "Connected":
				cancel()
			}
			return nil
		})
		fd := stream(t, dev)
		must(t, dev.PollNotify(fd, func() {}))
		if err := dev.ConnectContext(ctx, fd, "", peerAddr); err != nil {
			want(t, "ConnectContext", err, context.Canceled)
			cancelled++
			must(t, chip.core.Do(t.Context(), func() error { old = false; return nil }))
			must(t, dev.Connect(fd, "", peerAddr))
			buf := make([]byte, 10)
			if n, err := dev.Recv(fd, buf, 0, in(time.Second)); string(buf[:n]) != "new" || err != nil {
				t.Fatalf("after %d: Recv: %q, %v", cancelled, buf[:n], err)
			}
		}
		must(t, dev.Close(fd))
	}
	if cancelled == 0 {
		t.Fatal("none was cancelled")
	}
}
