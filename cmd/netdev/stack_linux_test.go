package main

import (
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// serving starts the program as a server on its port 80, on the default device,
// and returns when it serves.
func serving(t *testing.T, c call, flags ...string) *process {
	t.Helper()
	p := c.start(t, append(append([]string{"run"}, flags...), "./testdata/program", "serve", ":80")...)
	p.line(p.stdout, "serving")
	return p
}

func fetch(t *testing.T, url string) string {
	t.Helper()
	client := http.Client{Timeout: patience}
	defer client.CloseIdleConnections()
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAProgramServesThroughItsForward(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "web.pcapng")
	p := serving(t, call{}, "-p", "0:80", "-pcap", file, "-name=web", "-delay", "1ms")
	if got := p.line(p.stderr, "netdev: frames meet "); !regexp.MustCompile(`^delay 1ms, in the same way again with -seed \d+$`).MatchString(got) {
		t.Errorf("of the faults it says %q", got)
	}
	p.line(p.stderr, "netdev: frames are written to "+file)
	url, _, ok := strings.Cut(p.line(p.stderr, "netdev: http://127.0.0.1:"), " reaches port 80 of web")
	if !ok {
		t.Errorf("of its forward it says %q", url)
	}
	p.line(p.stderr, "netdev: web has address 10.0.2.")
	if page := fetch(t, "http://127.0.0.1:"+url); !strings.HasPrefix(page, "good day, Go-http-client") {
		t.Errorf("the page is %q", page)
	}
	p.interrupt()
	if state := p.cmd.ProcessState.Sys().(syscall.WaitStatus); !state.Signaled() {
		t.Errorf("interrupted, it ends with %v", p.cmd.ProcessState)
	}
	text, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(text), "good day, Go-http-client") {
		t.Errorf("the capture has %d bytes (%v), and the page is not among them", len(text), err)
	}
}

func TestASecondServerHasAnotherPort(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	p := start(t, "listen", "-echo", ":"+port)
	p.line(p.stderr, "netdev: port "+port+" of this machine is in use, and another one is taken")
	at, _, ok := strings.Cut(p.line(p.stderr, "netdev: tcp://"), " reaches port "+port+" of board")
	if !ok {
		t.Fatalf("of its forward it says %q", at)
	}
	c := dial(t, "tcp", at)
	say(t, c, "good day\n")
	hear(t, c, "good day\n")
	if o := p.interrupt(); o.code != 0 {
		t.Errorf("interrupted: %+v", o)
	}
}

func TestWhatTheDefaultDeviceCannotHave(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	nowhere := filepath.Join(t.TempDir(), "nosuch", "x.pcapng")
	inUse := "port " + port + " of this machine is in use; give another one, or 0 for any: -p 0:80"
	tool(t, "run", "-p", port+":80", "./testdata/program").fails(t, exitFailed, inUse)
	tool(t, "listen", "-p", port+":80").fails(t, exitFailed, inUse)
	tool(t, "run", "-pcap", nowhere, "./testdata/program").fails(t, exitFailed, "capture: open "+nowhere+": no such file or directory")
	tool(t, "listen", "127.0.0.1:nosuch").fails(t, exitFailed, "nosuch")
	tool(t, "get", "http://127.0.0.1:1/").fails(t, exitFailed, "connection refused")
	tool(t, "resolve", "nosuch.netdev").fails(t, exitFailed, "no such host")
}

// A number is how many programs the go command runs at once.
func TestPOfTheGoCommand(t *testing.T) {
	t.Parallel()
	if out := tool(t, "run", "-quiet", "-p", "1", "./testdata/program").succeeds(t); out != built {
		t.Errorf("it was built with %s", out)
	}
}

func TestToolsOnTheDefaultDevice(t *testing.T) {
	t.Parallel()
	s, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	go http.Serve(s, site(nil))
	_, port, _ := net.SplitHostPort(s.Addr().String())
	file := filepath.Join(t.TempDir(), "get.pcapng")
	if out := tool(t, "get", "-quiet", "-pcap", file, "http://host:"+port).succeeds(t); out != "hello  at host:"+port+"\n" {
		t.Errorf("get prints %q", out)
	}
	if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), "hello  at host") {
		t.Errorf("the capture has %d bytes (%v), and the page is not among them", len(text), err)
	}
	if out := tool(t, "resolve", "-quiet", "gateway").succeeds(t); out != "10.0.2.1\n" {
		t.Errorf("the gateway is at %q", out)
	}
	if out := tool(t, "ping", "-quiet", "-c", "1", "gateway").succeeds(t); !strings.Contains(out, "\n1 sent, 1 answered; ") {
		t.Errorf("ping prints %q", out)
	}
}

func TestProcessesShareANetwork(t *testing.T) {
	t.Parallel()
	// Short, as the path of a socket must be.
	dir, err := os.MkdirTemp("", "nd")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	c := call{env: []string{"XDG_RUNTIME_DIR=" + dir}}
	get := func(host string) string {
		t.Helper()
		return c.run(t, "get", "-quiet", "-network", "lab", "http://"+host+"/").succeeds(t)
	}
	web := serving(t, c, "-network", "lab", "-name", "web", "-p", "none")
	web.line(web.stderr, "netdev: web is on network lab, alone so far")
	address := web.line(web.stderr, "netdev: web has address ")
	for _, host := range []string{"web", "web.netdev", address} {
		if page := get(host); page != "good day, netdev\n" {
			t.Errorf("at %s the page is %q", host, page)
		}
	}
	second := serving(t, c, "-network", "lab", "-name", "web", "-p", "none")
	second.line(second.stderr, "netdev: the name web is taken on network lab, and this board is web-2")
	second.line(second.stderr, "netdev: web-2 is on network lab, with web")
	if page := get("web-2"); page != "good day, netdev\n" {
		t.Errorf("at web-2 the page is %q", page)
	}
	// Nobody depends on the first one, and what it had is free.
	if err := web.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	web.wait()
	if page := get("web-2"); page != "good day, netdev\n" {
		t.Errorf("at web-2 the page is %q once web is gone", page)
	}
	c.run(t, "get", "-network", "lab", "http://web/").fails(t, exitFailed, "no such host")
	heir := serving(t, c, "-network", "lab", "-name", "web", "-p", "none")
	heir.line(heir.stderr, "netdev: web is on network lab, with web-2")
	if at := heir.line(heir.stderr, "netdev: web has address "); at != address {
		t.Errorf("web was at %s, and is at %s", address, at)
	}
	if page := get("web"); page != "good day, netdev\n" {
		t.Errorf("at web the page is %q", page)
	}
	if page := c.run(t, "get", "-quiet", "-network", "other", "http://web/"); page.code == 0 {
		t.Errorf("on another network web says %q", page.stdout)
	}
}
