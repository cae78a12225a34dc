package kernel

import (
	"errors"
	"io"
	stdnet "net"
	"net/netip"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
	"github.com/netdev-go/netdev/wire/tcp"
)

// Options that the stack does not know are passed over.
func TestTheKernelFallsBackToPlainTCP(t *testing.T) {
	l := plug(t, stack.Config{}, ether.Impairment{})
	ln, err := l.listen(80)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go serveEcho(ln)
	multipath := &stdnet.Dialer{}
	multipath.SetMultipathTCP(true)
	for name, c := range map[string]struct {
		kind   byte
		dialer *stdnet.Dialer
	}{
		"Multipath TCP": {30, multipath},
		"Fast Open": {34, &stdnet.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
			return setInt(c, unix.SOL_TCP, unix.TCP_FASTOPEN_CONNECT, 1)
		}}},
	} {
		t.Run(name, func(t *testing.T) {
			asked := l.watch(func(p packet) bool {
				s := p.segment()
				return s != nil && !p.byStack && s.Flags() == tcp.SYN && hasOption(s.OptionBytes(), c.kind)
			})
			conn, err := c.dialer.Dial("tcp4", at(l.board, 80))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := echoOnce(conn, 'x'); err != nil {
				t.Fatal(err)
			}
			select {
			case <-asked.seen:
			default:
				t.Skip("SKIPPED: this kernel does not ask for it")
			}
		})
	}
}

// hasOption tells whether there is a TCP option of that kind.
func hasOption(b []byte, kind byte) bool {
	for len(b) > 0 && b[0] != 0 {
		switch {
		case b[0] == kind:
			return true
		case b[0] == 1:
			b = b[1:]
		case len(b) < 2 || b[1] < 2 || int(b[1]) > len(b):
			return false
		default:
			b = b[b[1]:]
		}
	}
	return false
}

// A board that was reset knows nothing of its connections, and finds that out with
// the kernel's help (RFC 9293 §3.5.1).
func TestConnectionsOfABoardThatWasResetEnd(t *testing.T) {
	t.Parallel()
	l := plug(t, stack.Config{}, ether.Impairment{})
	ln, err := stdnet.Listen("tcp4", at(l.kernel, 80))
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	call := func() (board, kernel stdnet.Conn) {
		t.Helper()
		d := net.Dialer{LocalAddr: &stdnet.TCPAddr{Port: 5000}, Device: l.stack, Timeout: 20 * time.Second}
		board, err := d.Dial("tcp4", at(l.kernel, 80))
		if err != nil {
			t.Fatal(err)
		}
		if kernel, err = ln.Accept(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { board.Close(); kernel.Close() })
		return board, kernel
	}
	_, old := call()
	talks, _ := ends(t, l)

	l.Impair(ether.Both, ether.Impairment{Loss: 1})
	l.stack.Stop()
	s, err := stack.New(l, stack.Config{Address: netip.PrefixFrom(l.board, 24)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	if err := s.NetConnect(&netlink.ConnectParams{}); err != nil {
		t.Fatal(err)
	}
	l.stack = s
	l.Impair(ether.Both, ether.Impairment{})

	// What the kernel sends is reset.
	late := time.Now().Add(20 * time.Second)
	talks.SetDeadline(late)
	if _, err := talks.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := talks.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the kernel's Read: %v", err)
	}
	// A new call from the same port gets through, and ends the old connection.
	board, kernel := call()
	old.SetDeadline(late)
	if _, err := old.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the kernel's Read from the old connection: %v", err)
	}
	transfer(t, board, kernel, 1000)
}

// Who finds the backlog full gets his turn when there is room.
func TestABacklogThatIsFullIsWaitedFor(t *testing.T) {
	t.Parallel()
	l := plug(t, stack.Config{}, ether.Impairment{})
	fd, err := l.stack.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	closeOnce := sync.OnceFunc(func() { l.stack.Close(fd) })
	defer closeOnce()
	defer time.AfterFunc(30*time.Second, closeOnce).Stop() // which ends an Accept
	if err := errors.Join(l.stack.Bind(fd, netip.AddrPortFrom(l.board, 80)), l.stack.Listen(fd, 2)); err != nil {
		t.Fatal(err)
	}
	const callers = 10
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			c, err := stdnet.Dial("tcp4", at(l.board, 80))
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			c.SetDeadline(time.Now().Add(30 * time.Second))
			if _, err := c.Write([]byte{byte(i)}); err != nil {
				t.Error(err)
			}
			if _, err := c.Read(make([]byte, 1)); err != io.EOF {
				t.Errorf("the call of %d: %v", i, err)
			}
		})
	}
	full := l.watch(func(packet) bool { return l.stack.Counters().TCP.ListenDrops > 0 })
	full.await(t, "SYN too many")
	heard := make(map[byte]bool)
	for range callers {
		c, _, err := l.stack.Accept(fd)
		if err != nil {
			t.Errorf("after %d calls: %v", len(heard), err)
			break
		}
		var b [1]byte
		if n, err := l.stack.Recv(c, b[:], 0, time.Now().Add(30*time.Second)); n != 1 || err != nil {
			t.Errorf("%d bytes, %v", n, err)
		}
		heard[b[0]] = true
		if err := l.stack.Close(c); err != nil {
			t.Error(err)
		}
	}
	wg.Wait()
	if len(heard) != callers {
		t.Errorf("heard of %d callers", len(heard))
	}
}

func TestManyConnectionsAtOnce(t *testing.T) {
	t.Parallel()
	for _, p := range pairs {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			line := plug(t, stack.Config{}, ether.Impairment{Loss: 0.002})
			l, err := p.listen(line)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go serveEcho(l)
			var all, ready sync.WaitGroup
			ready.Add(200)
			for i := range 200 {
				all.Go(func() {
					c, err := p.dial(line, l.Addr().String())
					ready.Done()
					if err != nil {
						t.Error(err)
						return
					}
					defer c.Close()
					ready.Wait()
					for j := range 5 {
						if err := echoOnce(c, byte(i+j)); err != nil {
							t.Error(err)
						}
					}
				})
			}
			all.Wait()
		})
	}
}
