package examples_test

import (
	"io"
	"net"
	"os/exec"
	"strings"
	"testing"
)

func TestTCPClientTalksToAnEchoServer(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		addr := d.peer(accept(t, echo))
		out := succeed(t, d, "tcpclient", "-addr", addr)
		contains(t, out, "Connected to "+addr, `"hello" -> "hello\n" in `, `"goodbye" -> "goodbye\n" in `)
	})
}

func TestTCPClientReportsAPeerThatHangsUp(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		addr := d.peer(accept(t, func(conn net.Conn) { conn.Read(make([]byte, 100)) }))
		fail(t, []string{`waiting for an answer to "hello"`, "EOF"}, d, "tcpclient", "-addr", addr)
	})
}

func TestSocketClientTalksToAnEchoServer(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		addr := d.peer(accept(t, echo))
		out := succeed(t, d, "socket", "-dial", addr)
		contains(t, out, "The device's address is "+d.address(t), addr+` answers "hello, socket\n"`)
	})
}

func TestSocketClientPutsALineTogether(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		long := strings.Repeat("a long answer, ", 50)
		addr := d.peer(accept(t, func(conn net.Conn) {
			conn.Read(make([]byte, 100))
			io.WriteString(conn, long+"\n")
		}))
		contains(t, succeed(t, d, "socket", "-dial", addr), long+`\n"`)
	})
}

func TestSocketClientReportsAPeerThatHangsUp(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		addr := d.peer(accept(t, func(conn net.Conn) { conn.Read(make([]byte, 100)) }))
		fail(t, []string{"receive: EOF"}, d, "socket", "-dial", addr)
	})
}

// Every client says what is wrong with what it was told.
func TestClientsReportBadInput(t *testing.T) {
	clients := []struct {
		name, flag     string
		before, after  string // what stands around host:port in the flag's value
		missing        string // what is said without the flag
		refused, named string // what is said of a closed port, and of a name that is none
	}{
		{"tcpclient", "-addr", "", "", "give -addr host:port", "connection refused", "no such host"},
		{"socket", "-dial", "", "", "", "connection refused", "Host unknown"},
		{"webclient", "-addr", "", "", "give -addr host:port", "connection refused", "no such host"},
		{"http-get", "-url", "http://", "/", "give -url http://host/path", "connection refused", "no such host"},
		{"http-head", "-url", "http://", "/", "give -url http://host/path", "connection refused", "no such host"},
		{"http-post", "-url", "http://", "/", "give -url http://host/path", "connection refused", "no such host"},
		{"http-postform", "-url", "http://", "/", "give -url http://host/path", "connection refused", "no such host"},
		{"ntpclient", "-server", "", "", "give -server host", "", "no such host"},
		{"tlsclient", "-addr", "", "", "give -addr host:port", "connection refused", "no such host"},
		{"natiu", "-broker", "", "", "give -broker host:port", "connection refused", "no such host"},
		{"paho", "-broker", "tcp://", "", "give -broker tcp://host:port", "connection refused", "no such host"},
		{"dial", "-url", "ws://", "/", "give -url ws://host/path", "connection refused", "no such host"},
	}
	onEachDevice(t, func(t *testing.T, d device) {
		for _, c := range clients {
			if c.missing != "" {
				fail(t, []string{c.missing}, d, c.name)
			}
			fail(t, []string{`unexpected argument "extra"`}, d, c.name, "extra")
			fail(t, []string{c.named}, d, c.name, c.flag, c.before+noSuchHost+":1"+c.after)
			if c.refused != "" {
				fail(t, []string{c.refused}, d, c.name, c.flag, c.before+d.peer(closedPort(t))+c.after)
			}
		}
	})
}

// A board has no flags: what they say is built in as it is flashed.
func TestArgumentsCanBeBuiltIn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	build := exec.Command("go", "build", "-ldflags=-X main.addr="+accept(t, echo), "-o", dir, "./tcpclient")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	contains(t, succeed(t, device{dir: dir}, "tcpclient"), `"hello" -> "hello\n"`)
}
