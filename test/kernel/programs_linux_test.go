package kernel

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	stdnet "net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
)

// program returns a command of the host's, or skips the test.
func program(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		for _, dir := range []string{"/usr/sbin/", "/sbin/"} {
			if _, e := os.Stat(dir + name); e == nil {
				path, err = dir+name, nil
			}
		}
	}
	if err != nil {
		t.Skipf("SKIPPED: %s is not installed", name)
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

// output runs a command that has to succeed.
func output(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	return string(out)
}

// readUntil reads no more of r than it has to.
func readUntil(r io.Reader, text string) (string, error) {
	var all []byte
	b := make([]byte, 1)
	for !bytes.Contains(all, []byte(text)) {
		n, err := r.Read(b)
		all = append(all, b[:n]...)
		if err != nil {
			return string(all), fmt.Errorf("%w after %q", err, all)
		}
	}
	return string(all), nil
}

func TestPingOfTheKernelsIsAnswered(t *testing.T) {
	l := plug(t, stack.Config{}, ether.Impairment{})
	for _, size := range []string{"0", "1", "56", "1471", "1472", "1473", "2953", "9000", "65507"} {
		// One at a time: for those after the first, ping waits no longer than that took.
		for range 2 {
			out := output(t, program(t, "ping", "-n", "-c", "1", "-W", "10", "-s", size, l.board.String()))
			if !strings.Contains(out, " 0% packet loss") {
				t.Errorf("size %s:\n%s", size, out)
			}
		}
	}
}

// What is in the options of the IP header is nothing to the stack.
func TestPingWithOptionsIsAnswered(t *testing.T) {
	l := plug(t, stack.Config{}, ether.Impairment{})
	for _, args := range []string{"-R", "-T tsonly", "-T tsandaddr", "-Q 0xb8", "-t 1", "-M do -s 1472", "-p ff00"} {
		out := output(t, program(t, "ping", append(strings.Fields(args), "-n", "-c", "1", "-W", "10", l.board.String())...))
		if !strings.Contains(out, " 0% packet loss") {
			t.Errorf("%s:\n%s", args, out)
		}
	}
}

func TestFloodOfPingsIsAnswered(t *testing.T) {
	l := plug(t, stack.Config{}, ether.Impairment{})
	output(t, program(t, "ping", "-n", "-q", "-f", "-c", "5000", "-W", "10", l.board.String()))
	// What ping counts leaves out what comes late.
	if c := l.stack.Counters().ICMP; c.InEchos != 5000 || c.OutEchoReps != 5000 {
		t.Errorf("%d requests, %d replies", c.InEchos, c.OutEchoReps)
	}
}

func TestTheKernelAnswersThePingOfTheStack(t *testing.T) {
	l := plug(t, stack.Config{}, ether.Impairment{})
	for _, size := range []int{0, 1, 56, 1472, 1473, 9000, 65507} {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		if _, err := l.stack.Ping(ctx, l.kernel, make([]byte, size)); err != nil {
			t.Errorf("%d bytes: %v", size, err)
		}
		cancel()
	}
}

func TestCurlReadsFromAServerOnTheStack(t *testing.T) {
	l := plug(t, stack.Config{}, ether.Impairment{})
	ln, err := l.listen(80)
	if err != nil {
		t.Fatal(err)
	}
	page := bytes.Repeat([]byte("0123456789abcdef"), 1<<14)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			n, err := io.Copy(io.Discard, r.Body)
			fmt.Fprintln(w, n, err)
			return
		}
		w.Write(page)
	})}
	go server.Serve(ln)
	defer server.Close()
	url := "http://" + l.board.String() + "/"
	if out := output(t, program(t, "curl", "-sS", "--max-time", "20", url)); out != string(page) {
		t.Errorf("curl read %d bytes, want %d", len(out), len(page))
	}
	put := program(t, "curl", "-sS", "--max-time", "20", "-T", "-", url)
	put.Stdin = bytes.NewReader(page)
	if out := output(t, put); out != fmt.Sprintln(len(page), nil) {
		t.Errorf("the server was given %q", out)
	}
	// Many at once, on connections that are kept.
	out := output(t, program(t, "curl", "-sS", "--max-time", "20", "-Z", "-o", "/dev/null", "-w", "%{http_code}\n", url+"[1-50]"))
	if n := strings.Count(out, "200\n"); n != 50 {
		t.Errorf("%d of 50 pages arrived:\n%s", n, out)
	}
}

// iperf3 has both ends in the kernel; between them are two connections of the
// stack's, one in each direction, spliced.
func TestIperf3ThroughTheStack(t *testing.T) {
	l := plug(t, stack.Config{}, ether.Impairment{})
	ln, err := l.listen(5202)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				d, err := l.dial("tcp4", at(l.kernel, 5201))
				if err != nil {
					t.Error(err)
					return
				}
				splice(c, d)
			}()
		}
	}()
	for _, args := range []string{"", "-R", "-P 4", "--bidir", "-M 536", "-w 8K"} {
		// A server turns the next client away while it ends a test: each has its own.
		server := program(t, "iperf3", "-s", "-1", "-B", l.kernel.String(), "-p", "5201", "--forceflush")
		ready, err := server.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		if text, err := readUntil(ready, "Server listening"); err != nil {
			t.Fatalf("iperf3 -s: %v\n%s", err, text)
		}
		// The kernel's buffers take a megabyte or two of which the server never hears.
		args = fmt.Sprintf("-n %dM %s", max(*size, 8), args)
		out := output(t, program(t, "iperf3", append(strings.Fields(args), "-J", "-c", l.board.String(), "-p", "5202")...))
		var report struct {
			Error string
			End   struct {
				SumReceived struct {
					Bytes         int64
					BitsPerSecond float64 `json:"bits_per_second"`
				} `json:"sum_received"`
			}
		}
		if err := json.Unmarshal([]byte(out), &report); err != nil || report.Error != "" || report.End.SumReceived.Bytes == 0 {
			t.Fatalf("iperf3 %s: %v %s\n%s", args, err, report.Error, out)
		}
		t.Logf("iperf3 %s: %.0f Mbit/s", args, report.End.SumReceived.BitsPerSecond/1e6)
		io.Copy(io.Discard, ready)
		if err := server.Wait(); err != nil {
			t.Errorf("iperf3 -s: %v", err)
		}
	}
}

// splice joins two connections until both have ended, and closes b.
func splice(a, b stdnet.Conn) {
	defer b.Close()
	done := make(chan struct{}, 2)
	for _, c := range [][2]stdnet.Conn{{a, b}, {b, a}} {
		go func() {
			io.Copy(c[0], c[1])
			c[0].(interface{ CloseWrite() error }).CloseWrite()
			done <- struct{}{}
		}()
	}
	<-done
	<-done
}
