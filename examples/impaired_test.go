package examples_test

import (
	"context"
	"errors"
	"flag"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

var impaired = flag.Uint64("impaired", 0, "run every example on a bad line, whose faults this `seed` decides; 0 runs some")

// A task is the work of one example, done on a bad line.
type task struct {
	example string
	quick   bool // it is among those of each go test
	do      func(t *testing.T, d device)
}

var tasks = []task{
	{"socket", false, badSocket},
	{"tcpclient", false, func(t *testing.T, d device) {
		contains(t, succeed(t, d, "tcpclient", "-addr", d.peer(accept(t, echo))), `"hello" -> "hello\n"`, `"goodbye" -> "goodbye\n"`)
	}},
	{"tcpecho", true, func(t *testing.T, d device) {
		server := start(t, d, "tcpecho", "-listen", d.listen())
		conn := dial(t, "tcp", server.addr())
		for range 3 {
			roundTrip(t, conn, strings.Repeat("all of it ", 5000))
		}
		conn.(*net.TCPConn).CloseWrite()
		server.echoed(conn, 150000)
		server.interrupt()
	}},
	{"udpecho", true, badUDPEcho},
	{"webclient", false, func(t *testing.T, d device) {
		out := succeed(t, d, "webclient", "-addr", d.peer(site(t).Listener.Addr().String()), "-path", "/long")
		contains(t, out, "HTTP/1.1 200 OK", "line 0\n", "line 499\n")
	}},
	{"webserver", false, func(t *testing.T, d device) {
		server := start(t, d, "webserver", "-listen", d.listen())
		home := server.url()
		status(t, 303, "POST", home+"lamp", url.Values{"lamp": {"on"}})
		status(t, 303, "POST", home+"sign", url.Values{"name": {"Ada"}, "message": {"a note"}})
		contains(t, status(t, 200, "GET", home, nil), `aria-checked="true"`, "a note", "</html>")
		server.interrupt()
	}},
	{"webstatic", false, func(t *testing.T, d device) {
		server := start(t, d, "webstatic", "-listen", d.listen())
		want, err := os.ReadFile("webstatic/site/board.png")
		if err != nil {
			t.Fatal(err)
		}
		if got := status(t, 200, "GET", server.url()+"board.png", nil); got != string(want) {
			t.Errorf("the picture has %d bytes, and is not the one of %d bytes", len(got), len(want))
		}
		server.interrupt()
	}},
	{"http-get", true, func(t *testing.T, d device) {
		contains(t, succeed(t, d, "http-get", "-url", d.peer(site(t).URL)+"/long"), "200 OK", "line 0\n", "line 499\n")
	}},
	{"http-head", false, func(t *testing.T, d device) {
		contains(t, succeed(t, d, "http-head", "-url", d.peer(site(t).URL)+"/page"), "200 OK", "X-Method: HEAD")
	}},
	{"http-post", false, func(t *testing.T, d device) {
		long := `"` + strings.Repeat("long ", 10000) + `"`
		contains(t, succeed(t, d, "http-post", "-url", d.peer(site(t).URL)+"/json", "-body", long), "application/json "+long+" <nil>")
	}},
	{"http-postform", false, func(t *testing.T, d device) {
		contains(t, succeed(t, d, "http-postform", "-url", d.peer(site(t).URL)+"/form", "-name", "Ada"), `"Ada" says "`)
	}},
	{"ntpclient", true, func(t *testing.T, d device) {
		anHourFromNow(t, succeed(t, d, "ntpclient", "-server", d.peer(timeServer(t, time.Hour, nil))))
	}},
	{"tlsclient", false, func(t *testing.T, d device) {
		ca := newAuthority(t, "a test authority")
		server := newSecret(t, ca.sign(t, d.loopback(), time.Now().Add(time.Hour)))
		contains(t, succeed(t, d, "tlsclient", "-addr", d.peer(server.addr), "-ca", ca.file), "200 OK", "the secret")
	}},
	{"natiu", false, func(t *testing.T, d device) {
		b := newBroker(t, &door{open: true})
		contains(t, succeed(t, d, "natiu", "-broker", d.peer(b.addr), "-every", "1ms"), "message 1 of 3", "message 3 of 3")
	}},
	{"paho", false, func(t *testing.T, d device) {
		b := newBroker(t, &door{open: true})
		contains(t, succeed(t, d, "paho", "-broker", "tcp://"+d.peer(b.addr), "-every", "1ms"), "message 1 of 3", "message 3 of 3")
	}},
	{"dial", false, func(t *testing.T, d device) {
		server := httptest.NewServer(http.HandlerFunc(shout))
		defer server.Close()
		contains(t, succeed(t, d, "dial", "-url", "ws"+strings.TrimPrefix(d.peer(server.URL), "http")), `"hello" -> "HELLO"`, `"goodbye" -> "GOODBYE"`)
	}},
	{"handler", false, badHandler},
}

func badSocket(t *testing.T, d device) {
	out := succeed(t, d, "socket", "-dial", d.peer(accept(t, echo)))
	contains(t, out, `answers "hello, socket\n"`)
	server := start(t, d, "socket", "-listen", "0.0.0.0:7777")
	conn := dial(t, "tcp", server.addr())
	roundTrip(t, conn, strings.Repeat("all of it ", 1000))
	conn.(*net.TCPConn).CloseWrite()
	server.echoed(conn, 10000)
	server.interrupt()
}

// A client of UDP asks again.
func badUDPEcho(t *testing.T, d device) {
	server := start(t, d, "udpecho", "-listen", d.listenUDP())
	conn := dial(t, "udp", server.addr())
	buf := make([]byte, 2000)
	for i := range 10 {
		message := "datagram " + strconv.Itoa(i)
		for got := ""; got != message; {
			io.WriteString(conn, message)
			conn.SetReadDeadline(time.Now().Add(time.Second))
			n, err := conn.Read(buf)
			if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatal(err)
			}
			got = string(buf[:n]) // or one of those before, which came late
		}
	}
	server.interrupt()
}

func badHandler(t *testing.T, d device) {
	server := start(t, d, "handler", "-listen", d.listen())
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, "ws://"+server.addr()+"/echo", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	want := strings.Repeat("long ", 4000)
	for range 3 {
		if err := conn.Write(ctx, websocket.MessageText, []byte(want)); err != nil {
			t.Fatal(err)
		}
		if _, got, err := conn.Read(ctx); err != nil || string(got) != want {
			t.Fatalf("sent %.20q, got %.20q back, %v", want, got, err)
		}
	}
	server.interrupt()
}

// On a line that loses, delays and reorders frames, an example does what it
// does on a good one.
func TestExamplesOnABadLine(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: a device needs the standard library built for it")
	}
	if *chips != "" {
		t.Skip("-chips: a bad line is that of a stack")
	}
	t.Parallel()
	run, packages := tasks, []string{"./..."}
	seed := *impaired
	if seed == 0 {
		run = slices.DeleteFunc(slices.Clone(tasks), func(task task) bool { return !task.quick })
		packages = nil
		for _, task := range run {
			packages = append(packages, "./"+task.example)
		}
		seed = 1
	}
	settings := []string{"-loss", "5%", "-delay", "50ms", "-reorder", "5%", "-seed", strconv.FormatUint(seed, 10)}
	d := device{name: "bad line", senders: true, board: true, build: sync.OnceValues(func() (string, error) {
		return boardBuild("bad-line", "stack", settings, packages...)
	})}
	var err error
	if d.dir, err = d.build(); err != nil {
		t.Fatalf("building the examples: %v", err)
	}
	for _, task := range run {
		t.Run(task.example, func(t *testing.T) {
			t.Parallel()
			task.do(t, d)
		})
	}
}

// Each example that there is has its task.
func TestEveryExampleHasATask(t *testing.T) {
	t.Parallel()
	dir, err := devices[0].build()
	if err != nil {
		t.Fatal(err)
	}
	programs, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, program := range programs {
		if !slices.ContainsFunc(tasks, func(task task) bool { return task.example == program.Name() }) {
			t.Errorf("%s is not run on a bad line", program.Name())
		}
	}
}
