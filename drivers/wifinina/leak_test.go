//go:build !tinygo

package wifinina_test

import (
	"errors"
	"os"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
)

// spoil has the end of the next reply to cmd arrive as something else.
func (w *world) spoil(cmd byte) {
	r := reader{reply: true}
	done := false
	w.chip.Inject(nil, func(_ int64, b byte) []byte {
		if done {
			return []byte{b}
		}
		if c, p := r.next(b); c == cmd && p == tail {
			done = true
			b ^= 0x40
		}
		return []byte{b}
	})
}

// Of a socket that the chip has opened, and of a connection that it has accepted,
// nobody knows the number if the reply is lost. All of them are to be had again.
func TestALostReplyLeavesNoSocketBehind(t *testing.T) {
	for _, cmd := range []byte{0x70, 0x71, 0x73, 0x74, 0x75, 0x76, 0x7B, 0x7D, 0x7E} {
		inTime(t, "2.0.0", func(t *testing.T, w *world) {
			_, to := w.listen()
			for range 12 {
				time.Sleep(51 * time.Millisecond)
				w.spoil(cmd)
				if fd, err := w.dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0); err == nil {
					w.dev.Connect(fd, "", to)
					w.dev.Close(fd)
				}
				if l, err := w.dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0); err == nil {
					if w.dev.Bind(l, anyPort) == nil && w.dev.Listen(l, 1) == nil {
						name, err := w.dev.GetSockName(l)
						must(t, err)
						accepted := make(chan int, 1)
						go func() {
							fd, _, _ := w.dev.Accept(l)
							accepted <- fd
						}()
						c := w.dialTo(name.Port())
						select {
						case fd := <-accepted:
							w.dev.Close(fd)
						case <-time.After(time.Second):
							// The one whose number was lost: its peer is not left waiting.
							c.SetDeadline(soon())
							if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
								t.Errorf("the peer of a connection that was lost: %v", err)
							}
						}
						c.Close()
					}
					w.dev.Close(l)
				}
			}
			w.chip.Inject(nil, nil)
			time.Sleep(time.Minute) // for what lingers
			for range 10 {
				fd, c := w.connect()
				w.works(fd, c)
			}
		})
	}
}
