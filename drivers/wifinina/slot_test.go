//go:build !tinygo

package wifinina_test

import (
	"errors"
	"os"
	"testing"
	"time"
)

func TestAClosedListenerTurnsAwayWhileSomebodyWaitsElsewhere(t *testing.T) {
	inTime(t, "1.4.8", func(t *testing.T, w *world) {
		l, addr := w.serve()
		must(t, w.dev.Close(l))
		fd, _ := w.connect()
		done := make(chan error, 1)
		go func() {
			_, err := w.dev.Recv(fd, make([]byte, 1), 0, time.Now().Add(time.Minute))
			done <- err
		}()
		c := w.dial(addr)
		c.Write([]byte("anybody?"))
		c.SetDeadline(soon())
		if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("the peer read %v", err)
		}
		w.dev.Close(fd)
		<-done
	})
}
