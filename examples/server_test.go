package examples_test

import (
	"io"
	"net"
	"strings"
	"testing"
)

func TestTCPEchoServesClientsSideBySide(t *testing.T) {
	onEachDevice(t, func(t *testing.T, bin string) {
		server := start(t, bin, "tcpecho", "-listen", "127.0.0.1:0")
		addr := server.addr()
		silent := dial(t, "tcp", addr)
		conn := dial(t, "tcp", addr)
		roundTrip(t, conn, "hello\n")
		roundTrip(t, conn, strings.Repeat("all of it ", 1000))
		roundTrip(t, silent, "me too\n")

		conn.(*net.TCPConn).CloseWrite()
		if rest, err := io.ReadAll(conn); err != nil || len(rest) > 0 {
			t.Errorf("after the goodbye: %q, %v; want the end", rest, err)
		}
		if got, want := server.line(conn.LocalAddr().String()), ": 10006 bytes echoed"; got != want {
			t.Errorf("the server says %q of this client, want %q", got, want)
		}
		server.interrupt() // with a client that is still there
	})
}

func TestUDPEchoAnswersWhoeverAsked(t *testing.T) {
	onDevicesWith(t, true, func(t *testing.T, bin string) {
		server := start(t, bin, "udpecho", "-listen", "127.0.0.1:0")
		addr := server.addr()
		a, b := dial(t, "udp", addr), dial(t, "udp", addr)
		roundTrip(t, a, "from a")
		roundTrip(t, b, "from b, which is longer")
		roundTrip(t, a, "from a again")
		if got, want := server.line(b.LocalAddr().String()), ": 23 bytes echoed"; got != want {
			t.Errorf("the server says %q of b, want %q", got, want)
		}
		server.interrupt()
	})
}

func TestUDPEchoNeedsADeviceThatKnowsSenders(t *testing.T) {
	onDevicesWith(t, false, func(t *testing.T, bin string) {
		fail(t, []string{"Not supported"}, bin, "udpecho", "-listen", "127.0.0.1:0")
	})
}

func TestSocketServerEchoes(t *testing.T) {
	onEachDevice(t, func(t *testing.T, bin string) {
		addr := freeAddr(t)
		server := start(t, bin, "socket", "-listen", addr)
		if got := server.addr(); got != addr {
			t.Errorf("listening on %s, want %s", got, addr)
		}
		silent, conn := dial(t, "tcp", addr), dial(t, "tcp", addr)
		roundTrip(t, conn, "hello\n")
		roundTrip(t, silent, "me too\n")
		conn.Close()
		server.line(conn.LocalAddr().String() + ": 6 bytes echoed")

		fail(t, []string{"address already in use"}, bin, "socket", "-listen", addr)
		server.interrupt()
	})
}

// Every server says what is wrong with what it was told, and ends in peace.
func TestServersReportBadInput(t *testing.T) {
	onEachDevice(t, func(t *testing.T, bin string) {
		for _, name := range []string{"tcpecho", "webserver", "webstatic", "handler"} {
			checkServer(t, bin, name)
		}
		fail(t, []string{`-listen "8080"`, "ip:port"}, bin, "socket", "-listen", "8080")
		fail(t, []string{`unexpected argument "8080"`}, bin, "socket", "8080")
	})
}

func TestUDPEchoReportsBadInput(t *testing.T) {
	onDevicesWith(t, true, func(t *testing.T, bin string) { checkServer(t, bin, "udpecho") })
}

func checkServer(t *testing.T, bin, name string) {
	t.Helper()
	server := start(t, bin, name, "-listen", "127.0.0.1:0")
	addr := server.addr()
	fail(t, []string{"address already in use", addr}, bin, name, "-listen", addr)
	server.interrupt()
	fail(t, []string{`unexpected argument "8080"`}, bin, name, "8080")
	fail(t, []string{"missing port in address"}, bin, name, "-listen", "127.0.0.1")
}
