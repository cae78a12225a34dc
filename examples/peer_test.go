package examples_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
	"testing"
	"time"
)

// listen returns a listener of the standard library on the loopback.
func listen(t *testing.T) net.Listener {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return ln
}

// accept has handle serve every connection to a new listener, and returns the
// listener's address.
func accept(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	ln := listen(t)
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				handle(conn)
			}()
		}
	}()
	return ln.Addr().String()
}

func echo(conn net.Conn) { io.Copy(conn, conn) }

// dial connects to an example that listens, with a deadline for the test.
func dial(t *testing.T, network, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	return conn
}

// roundTrip writes message to conn and reads as much back, which must be the
// same.
func roundTrip(t *testing.T, conn net.Conn, message string) {
	t.Helper()
	if _, err := io.WriteString(conn, message); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(message))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != message {
		t.Fatalf("sent %.40q, got %.40q back, %v", message, got, err)
	}
}

// closedPort returns an address where nobody listens. The port is that of the
// near end of a connection, so that nobody can begin to.
func closedPort(t *testing.T) string {
	t.Helper()
	return dial(t, "tcp", accept(t, echo)).LocalAddr().String()
}

var ports atomic.Int32

// freeAddr returns an address to listen on that no other test has, for an
// example that cannot tell which port it was given. Linux has the whole of
// 127.0.0.0/8 on its loopback: this process takes an address of its own.
func freeAddr(t *testing.T) string {
	t.Helper()
	pid := os.Getpid()
	addr := fmt.Sprintf("127.%d.%d.%d:%d", 1+pid>>16&63, pid>>8&255, pid&255, 7000+ports.Add(1))
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		t.Skipf("this kernel has one loopback address only: %v", err)
	}
	ln.Close()
	return addr
}

// noSuchHost is a name that cannot exist, so that no resolver is asked.
const noSuchHost = "no..such..host"
