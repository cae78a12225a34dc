package examples_test

import (
	"io"
	"net"
	"strings"
	"testing"
)

func TestTCPEchoServesClientsSideBySide(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		server := start(t, d, "tcpecho", "-listen", d.listen())
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
		server.echoed(conn, 10006)
		server.interrupt() // with a client that is still there
	})
}

func TestUDPEchoAnswersWhoeverAsked(t *testing.T) {
	onDevicesWith(t, true, func(t *testing.T, d device) {
		server := start(t, d, "udpecho", "-listen", d.listenUDP())
		addr := server.addr()
		a, b := dial(t, "udp", addr), dial(t, "udp", addr)
		roundTrip(t, a, "from a")
		roundTrip(t, b, "from b, which is longer")
		roundTrip(t, a, "from a again")
		server.echoed(b, 23)
		server.interrupt()
	})
}

func TestUDPEchoNeedsADeviceThatKnowsSenders(t *testing.T) {
	onDevicesWith(t, false, func(t *testing.T, d device) {
		fail(t, []string{"Not supported"}, d, "udpecho", "-listen", d.listen())
	})
}

func TestSocketServerEchoes(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		given := "0.0.0.0:7777"
		if !d.board {
			given = freeAddr(t)
		}
		server := start(t, d, "socket", "-listen", given)
		addr := server.addr()
		if server.told != given {
			t.Errorf("listening on %s, want %s", server.told, given)
		}
		silent, conn := dial(t, "tcp", addr), dial(t, "tcp", addr)
		roundTrip(t, conn, "hello\n")
		roundTrip(t, silent, "me too\n")
		conn.Close()
		server.echoed(conn, 6)

		if !d.board { // whose ports are its own
			fail(t, []string{"address already in use"}, d, "socket", "-listen", addr)
		}
		server.interrupt()
	})
}

// Every server says what is wrong with what it was told, and ends in peace.
func TestServersReportBadInput(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		for _, name := range []string{"tcpecho", "webserver", "webstatic", "handler"} {
			checkServer(t, d, name, d.listen())
		}
		fail(t, []string{`-listen "8080"`, "ip:port"}, d, "socket", "-listen", "8080")
		fail(t, []string{`unexpected argument "8080"`}, d, "socket", "8080")
	})
}

func TestUDPEchoReportsBadInput(t *testing.T) {
	onDevicesWith(t, true, func(t *testing.T, d device) { checkServer(t, d, "udpecho", d.listenUDP()) })
}

func checkServer(t *testing.T, d device, name, listen string) {
	t.Helper()
	server := start(t, d, name, "-listen", listen)
	addr := server.addr()
	if !d.board { // whose ports are its own
		fail(t, []string{"address already in use", addr}, d, name, "-listen", addr)
	}
	server.interrupt()
	fail(t, []string{`unexpected argument "8080"`}, d, name, "8080")
	fail(t, []string{"missing port in address"}, d, name, "-listen", "127.0.0.1")
}
