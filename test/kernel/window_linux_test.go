package kernel

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	stdnet "net"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
	"github.com/netdev-go/netdev/wire/tcp"
)

type buffered interface {
	SetReadBuffer(int) error
	SetWriteBuffer(int) error
}

// Nobody reads until the window is closed and has been asked about.
func TestClosedWindowIsProbedAndOpens(t *testing.T) {
	t.Parallel()
	for _, p := range pairs {
		for name, back := range map[string]bool{"the caller reads late": true, "the called reads late": false} {
			t.Run(p.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				l := plug(t, stack.Config{}, ether.Impairment{})
				from, to := p.connect(t, l)
				if back {
					from, to = to, from
				}
				stackReads := (p.name == "kernel to stack") != back
				to.(buffered).SetReadBuffer(16 << 10)
				from.(buffered).SetWriteBuffer(16 << 10)
				closed := l.watch(func(p packet) bool {
					s := p.segment()
					return s != nil && p.byStack == stackReads && s.Flags() == tcp.ACK && s.Window() == 0
				})
				data := make([]byte, 1<<20)
				rand.NewChaCha8([32]byte{}).Read(data)
				done := make(chan struct{})
				go func() {
					defer close(done)
					<-closed.seen
					// Both probes come after the window was closed, and neither opens it.
					for range 2 {
						probed := l.watch(func(p packet) bool {
							s := p.segment()
							return s != nil && p.byStack != stackReads
						})
						probed.await(t, "probe of the closed window")
					}
					to.SetDeadline(time.Now().Add(30 * time.Second))
					if got, err := io.ReadAll(to); !bytes.Equal(got, data) || err != nil {
						t.Errorf("%d bytes, which are right: %v; %v", len(got), bytes.Equal(got, data), err)
					}
				}()
				from.SetDeadline(time.Now().Add(30 * time.Second))
				if n, err := from.Write(data); n != len(data) || err != nil {
					t.Errorf("Write = %d, %v", n, err)
				}
				from.Close()
				<-done
			})
		}
	}
}

// Small windows on either side, and windows that only scaling can tell of.
func TestBuffersOfAllSizes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kernel, board int
		n             int64
	}{
		{1, 2048, 16 << 10}, {1, 1 << 20, 16 << 10}, {4096, 4096, 64 << 10}, {0, 600, 32 << 10}, {0, 4096, 64 << 10}, {0, 1 << 20, 4 << 20},
	} {
		for _, p := range pairs {
			t.Run(fmt.Sprintf("%d and %d/%s", c.kernel, c.board, p.name), func(t *testing.T) {
				t.Parallel()
				l := plug(t, stack.Config{RecvBuffer: c.board, SendBuffer: c.board}, ether.Impairment{Delay: time.Millisecond})
				a, b := p.connect(t, l)
				for _, end := range []stdnet.Conn{a, b} {
					size := c.board
					if k, ok := end.(*stdnet.TCPConn); ok {
						if size = c.kernel; size == 0 {
							continue // as large as the kernel likes
						}
						// Before data comes this is as good as before the connection.
						setInt(raw(t, k), unix.SOL_TCP, unix.TCP_WINDOW_CLAMP, size)
					}
					if err := end.(buffered).SetReadBuffer(size); err != nil {
						t.Fatal(err)
					}
					if err := end.(buffered).SetWriteBuffer(size); err != nil {
						t.Fatal(err)
					}
				}
				began := time.Now()
				transfer(t, a, b, c.n)
				t.Logf("%.2f MB/s each way", mbps(c.n, began))
			})
		}
	}
}
