package kernel

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	stdnet "net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
)

func output(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	return string(out)
}

func TestPingOfTheKernelsIsAnswered(t *testing.T) {
	plug(t, static, ether.Impairment{})
	for _, size := range []string{"0", "56", "1472", "1473", "9000", "65507"} {
		out := output(t, program(t, "ping", "-n", "-c", "3", "-i", "0.01", "-W", "5", "-s", size, stackSide.Addr().String()))
		if !strings.Contains(out, " 0% packet loss") {
			t.Errorf("size %s:\n%s", size, out)
		}
	}
}

func TestTheKernelAnswersThePingOfTheStack(t *testing.T) {
	w := plug(t, static, ether.Impairment{})
	for _, size := range []int{0, 56, 1472, 1473, 9000} {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		if _, err := w.stack.Ping(ctx, kernelSide.Addr(), make([]byte, size)); err != nil {
			t.Errorf("%d bytes: %v", size, err)
		}
		cancel()
	}
}

func TestCurlReadsFromAServerOnTheStack(t *testing.T) {
	plug(t, static, ether.Impairment{})
	l, err := net.Listen("tcp4", ":80")
	if err != nil {
		t.Fatal(err)
	}
	page := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			n, err := io.Copy(io.Discard, r.Body)
			fmt.Fprintln(w, n, err)
			return
		}
		w.Write(page)
	})}
	go server.Serve(l)
	defer server.Close()
	url := "http://" + stackSide.Addr().String() + "/"
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
	plug(t, static, ether.Impairment{})
	server := program(t, "iperf3", "-s", "-B", kernelSide.Addr().String(), "-p", "5201", "--forceflush")
	ready, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { server.Process.Kill(); server.Wait() }()
	if text, err := readUntil(ready, "Server listening"); err != nil {
		t.Fatalf("iperf3 -s: %v\n%s", err, text)
	}
	go io.Copy(io.Discard, ready)
	l, err := net.Listen("tcp4", ":5202")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go splice(c, kernelSide.Addr().String()+":5201")
		}
	}()
	for _, args := range []string{"-n 32M", "-n 32M -R", "-n 32M -P 4", "-t 1 --bidir", "-n 8M -M 536", "-n 8M -w 8K"} {
		out := output(t, program(t, "iperf3", append(strings.Fields(args), "-J", "-c", stackSide.Addr().String(), "-p", "5202")...))
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
			t.Errorf("iperf3 %s: %v %s\n%s", args, err, report.Error, out)
			continue
		}
		t.Logf("iperf3 %s: %.0f Mbit/s", args, report.End.SumReceived.BitsPerSecond/1e6)
	}
}

func splice(c stdnet.Conn, to string) {
	defer c.Close()
	d, err := net.Dial("tcp4", to)
	if err != nil {
		return
	}
	defer d.Close()
	done := make(chan struct{}, 2)
	oneWay := func(to, from stdnet.Conn) {
		io.Copy(to, from)
		to.(interface{ CloseWrite() error }).CloseWrite()
		done <- struct{}{}
	}
	go oneWay(c, d)
	go oneWay(d, c)
	<-done
	<-done
}

func readUntil(r io.Reader, text string) (string, error) {
	var all []byte
	b := make([]byte, 1)
	for !bytes.Contains(all, []byte(text)) {
		n, err := r.Read(b)
		all = append(all, b[:n]...)
		if err != nil {
			return string(all), err
		}
	}
	return string(all), nil
}

func TestAddressFromDnsmasq(t *testing.T) {
	w := plug(t, stack.Config{Hostname: "board"}, ether.Impairment{})
	dir := t.TempDir()
	leases := filepath.Join(dir, "leases")
	server := program(t, "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--log-facility=-", "--log-dhcp",
		"--interface="+w.Name(), "--bind-interfaces", "--except-interface=lo", "--pid-file=", "--user=root",
		"--dhcp-authoritative", "--dhcp-range=10.99.0.50,10.99.0.60,255.255.255.0,2m", "--dhcp-leasefile="+leases,
		"--no-resolv", "--no-hosts", "--domain=lab.test", "--address=/page.lab.test/10.99.0.1", "--no-ping",
		"--cname=alias.lab.test,page.lab.test", "--host-record=page.lab.test,10.99.0.1",
		"--txt-record=text.lab.test,hello")
	log := new(bytes.Buffer)
	server.Stderr = log
	pipe, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	server.Stderr = server.Stdout
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	go io.Copy(log, pipe)
	stopped := false
	stop := func() {
		if !stopped {
			stopped = true
			server.Process.Kill()
			server.Wait()
		}
	}
	defer stop()
	err = w.stack.NetConnect(&netlink.ConnectParams{ConnectTimeout: 30 * time.Second})
	if err != nil {
		stop()
		t.Fatalf("%v\n%s", err, log)
	}
	addr, err := w.stack.Addr()
	if err != nil || !netip.MustParsePrefix("10.99.0.48/28").Contains(addr) {
		t.Errorf("the stack's address is %v, %v", addr, err)
	}
	for name, want := range map[string]string{"page.lab.test": "10.99.0.1", "page": "10.99.0.1", "alias.lab.test": "10.99.0.1", "board": addr.String()} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		got, err := w.stack.LookupNetIP(ctx, "ip4", name)
		cancel()
		if err != nil || len(got) != 1 || got[0].String() != want {
			t.Errorf("%s is %v, %v; want %s", name, got, err, want)
		}
	}
	if a, err := w.stack.GetHostByName("nobody.lab.test"); err == nil {
		t.Errorf("nobody.lab.test is %v", a)
	}
	text, err := os.ReadFile(leases)
	if err != nil || !strings.Contains(string(text), " "+addr.String()+" board ") {
		t.Errorf("dnsmasq's leases: %v\n%s", err, text)
	}
	w.stack.NetDisconnect()
	for late := time.Now().Add(5 * time.Second); time.Now().Before(late); {
		if text, _ = os.ReadFile(leases); !strings.Contains(string(text), addr.String()) {
			break
		}
	}
	if strings.Contains(string(text), addr.String()) {
		t.Errorf("the lease was not released:\n%s", text)
	}
	stop()
	if t.Failed() {
		t.Logf("dnsmasq:\n%s", log)
	}
}
