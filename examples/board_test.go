package examples_test

import (
	"bytes"
	"net"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/netdev-go/netdev/drivers/host"
)

// A board reaches the loopback of this machine at its gateway's address. What
// it listens on is reached through a port of this machine, which is told on its
// standard error.
const boardGateway = "10.0.2.1"

// A board forwards the TCP ports that are listened on by itself; of UDP it has
// to be told.
const boardUDPPort = "7777"

// board is a device with a network of its own.
func board(name string) device {
	return device{name: name, senders: true, board: true, build: sync.OnceValues(func() (string, error) {
		return boardBuild(name, name, nil, "./...")
	})}
}

// boardBuild builds packages for a board with the settings.
func boardBuild(name, device string, settings []string, packages ...string) (string, error) {
	settings = append([]string{"-device", device}, settings...)
	dir, err := netdevBuild(name, append(slices.Clone(settings), packages...)...)
	if err == nil {
		_, err = netdevBuild(name, append(settings, "-p", "0:"+boardUDPPort+"/udp", "./udpecho")...)
	}
	return dir, err
}

// loopback is the address at which an example reaches a server of the test.
func (d device) loopback() string {
	if d.board {
		return boardGateway
	}
	return "127.0.0.1"
}

// peer is the address or URL of a server of the test, as an example reaches it.
func (d device) peer(addr string) string {
	return strings.Replace(addr, "127.0.0.1", d.loopback(), 1)
}

// listen is where an example listens, on a port that it is given. On a board it
// must not be the loopback, which is the board's own.
func (d device) listen() string {
	if d.board {
		return ":0"
	}
	return "127.0.0.1:0"
}

func (d device) listenUDP() string {
	if d.board {
		return ":" + boardUDPPort
	}
	return d.listen()
}

// client is what an example says of the client that conn is, or how that begins.
func (d device) client(conn net.Conn) string {
	if d.board {
		return boardGateway + ":" // and a port of the gateway's
	}
	return conn.LocalAddr().String()
}

// address is what an example says of the device's own, or how that begins.
func (d device) address(t *testing.T) string {
	t.Helper()
	if d.board {
		return "10.0.2."
	}
	own, err := host.New().Addr()
	if err != nil {
		t.Fatal(err)
	}
	return own.String() + "\n"
}

// A forward is a port of this machine that leads to one of a board.
type forward struct{ listen, port string }

// stderr is the standard error of an example: what it says itself, and what is
// told of a board's network.
type stderr struct {
	board    bool
	forwards chan forward

	partial []byte // of a line
	own     bytes.Buffer
}

var opened = regexp.MustCompile(`^netdev: \w+://(\S+) reaches port (\d+) of `)

func (s *stderr) Write(p []byte) (int, error) {
	s.partial = append(s.partial, p...)
	for {
		line, rest, ok := bytes.Cut(s.partial, []byte("\n"))
		if !ok {
			return len(p), nil
		}
		if m := opened.FindSubmatch(line); m != nil {
			s.forwards <- forward{string(m[1]), string(m[2])}
		}
		if !s.board || !bytes.HasPrefix(line, []byte("netdev: ")) {
			s.own.Write(line)
			s.own.WriteByte('\n')
		}
		s.partial = rest
	}
}

// String returns what the example says itself, once it has ended.
func (s *stderr) String() string { return s.own.String() + string(s.partial) }

// forwarded returns where the port of addr is reached from this machine.
func (p *process) forwarded(addr string) string {
	p.t.Helper()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		p.t.Fatal(err)
	}
	for end := time.After(patience); ; {
		select {
		case f := <-p.stderr.forwards:
			if f.port == port {
				return f.listen
			}
		case <-end:
			p.t.Fatalf("nobody said where port %s of the board is reached", port)
		}
	}
}
