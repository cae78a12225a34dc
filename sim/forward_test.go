package sim

import (
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/netlink"
)

func onHost(port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port)
}

// refused checks that nobody listens at the address.
func refused(t *testing.T, dev netdev.Netdever, address string) {
	t.Helper()
	if c, err := dial(dev, address); err == nil {
		c.Close()
		t.Errorf("somebody listens at %s", address)
	}
}

func TestAForwardThatIsAskedFor(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		b, e := w.boot(Config{Name: "web", Forwards: []Forward{{"tcp", onHost(8000), 80}, {"udp", onHost(5300), 53}}})
		want := "http://127.0.0.1:8000 reaches port 80 of web\nudp://127.0.0.1:5300 reaches port 53 of web"
		if said := e.all(); said != want {
			t.Errorf("it says\n%s\nwant\n%s", said, want)
		}
		must(t, b.NetConnect(&netlink.ConnectParams{}))
		exchange(t, w.host, "127.0.0.1:8000", listen(t, b, ":80"), "through the port")
		listen(t, b, ":8080")
		refused(t, w.host, "127.0.0.1:8080") // what is forwarded was said

		server, err := (&net.ListenConfig{Device: b}).ListenPacket(t.Context(), "udp", ":53")
		must(t, err)
		defer server.Close()
		c, err := (&net.Dialer{Device: w.host}).DialContext(t.Context(), "udp", "127.0.0.1:5300")
		must(t, err)
		defer c.Close()
		_, err = io.WriteString(c, "question")
		must(t, err)
		buf := make([]byte, 100)
		n, from, err := server.ReadFrom(buf)
		must(t, err)
		_, err = server.WriteTo([]byte(strings.ToUpper(string(buf[:n]))), from)
		must(t, err)
		must(t, c.SetReadDeadline(time.Now().Add(time.Second)))
		if n, err := c.Read(buf); string(buf[:n]) != "QUESTION" || err != nil {
			t.Errorf("heard %q, %v", buf[:n], err)
		}
	})
}

func TestEachListenerHasAForward(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		b, e := w.board(Config{Name: "web"})
		l := listen(t, b, ":7000")
		exchange(t, w.host, "127.0.0.1:7000", l, "the same port")
		if said := e.all(); said != "web has address "+addrOf(t, b).String()+"\ntcp://127.0.0.1:7000 reaches port 7000 of web" {
			t.Errorf("it says\n%s", said)
		}
		within := listen(t, b, "127.0.0.1:7001")
		refused(t, w.host, "127.0.0.1:7001") // it is for the board itself
		exchange(t, b, "127.0.0.1:7001", within, "within")
		must(t, l.Close())
		refused(t, w.host, "127.0.0.1:7000")
		exchange(t, w.host, "127.0.0.1:7000", listen(t, b, ":7000"), "once more")
	})
}

func TestNoForwards(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		b, e := w.board(Config{Forwards: []Forward{}})
		listen(t, b, ":7000")
		refused(t, w.host, "127.0.0.1:7000")
		if said := e.all(); strings.Contains(said, "reaches") {
			t.Errorf("it says\n%s", said)
		}
	})
}

func TestAForwardWhosePortIsInUse(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		listen(t, w.host, "127.0.0.1:8080")
		_, err := Boot(Config{Host: w.host, Forwards: []Forward{{"tcp", onHost(8080), 80}}})
		if err == nil || err.Error() != "port 8080 of this machine is in use; give another one, or 0 for any: -p 0:80" {
			t.Errorf("asked for it: %v", err)
		}
		b, e := w.board(Config{})
		l := listen(t, b, ":8080")
		synctest.Wait()
		_, said, _ := strings.Cut(e.all(), "\nport 8080 of this machine is in use, and another one is taken\nhttp://")
		at, _, ok := strings.Cut(said, " reaches port 8080 of board")
		if !ok {
			t.Fatalf("it says\n%s", e.all())
		}
		exchange(t, w.host, at, l, "elsewhere")
	})
}

func TestWhatIsSaidOfAPortThatCannotBeHad(t *testing.T) {
	f := Forward{"tcp", onHost(80), 8080}
	for cause, want := range map[error]string{
		netdev.ErrAccess:    "port 80 of this machine needs root; give one above 1023, or 0 for any: -p 0:8080",
		netdev.ErrAddrInUse: "port 80 of this machine is in use; give another one, or 0 for any: -p 0:8080",
		netdev.ErrInvalid:   "forward: " + netdev.ErrInvalid.Error(),
	} {
		if err := forwardError(f, fmt.Errorf("forward: %w", cause)); err.Error() != want {
			t.Errorf("%v: %q, want %q", cause, err, want)
		}
	}
}

// A chip's listener may be away for a moment after each connection.
func TestAForwardThatComesAgainIsToldOnce(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		b, e := w.boot(Config{Name: "web"})
		must(t, b.NetConnect(&netlink.ConnectParams{}))
		for i := range 3 {
			l := listen(t, b, ":80")
			exchange(t, w.host, "127.0.0.1:80", l, fmt.Sprint("time ", i))
			must(t, l.Close())
		}
		if said := e.all(); strings.Count(said, "127.0.0.1:80 reaches port 80 of web") != 1 {
			t.Errorf("it says\n%s", said)
		}
	})
}
