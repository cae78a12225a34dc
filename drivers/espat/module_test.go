package espat_test

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/netdev-go/netdev/drivers/espat"
	"github.com/netdev-go/netdev/netlink"
)

// A module answers commands byte for byte as the firmware does, without a network:
// a test says what arrives, and may answer a command itself.
type module struct {
	mu    sync.Mutex
	out   bytes.Buffer
	woken chan struct{}

	line    bytes.Buffer
	echo    bool
	mux     int
	want    int // bytes of payload still to come
	payload bytes.Buffer
	sendTo  string

	links    [5]*fakeLink
	commands []string

	// on answers a command before the module does. The key is how it begins.
	on map[string]func(args string) string
}

type fakeLink struct {
	kind, peer string // `"10.0.0.2",80`
	local      int
	came       int
	in         []byte // to be read
	got        bytes.Buffer
}

func newModule() *module {
	return &module{woken: make(chan struct{}, 1), echo: true, on: map[string]func(string) string{}}
}

func (m *module) Read(b []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.out.Read(b)
}

func (m *module) Buffered() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.out.Len()
}

func (m *module) WaitReadable(d time.Duration) {
	if m.Buffered() > 0 {
		return
	}
	if d < 0 {
		<-m.woken
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-m.woken:
	case <-t.C:
	}
}

func (m *module) Interrupt() {
	select {
	case m.woken <- struct{}{}:
	default:
	}
}

// say has the module say something by itself.
func (m *module) say(s string) {
	m.mu.Lock()
	m.out.WriteString(s)
	m.mu.Unlock()
	m.Interrupt()
}

// do changes the module.
func (m *module) do(f func()) {
	m.mu.Lock()
	f()
	m.mu.Unlock()
	m.Interrupt()
}

func (m *module) Write(b []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	defer m.Interrupt()
	for _, c := range b {
		if m.want > 0 {
			m.payload.WriteByte(c)
			if m.want--; m.want == 0 {
				m.sent()
			}
			continue
		}
		m.line.WriteByte(c)
		if s, ok := strings.CutSuffix(m.line.String(), "\r\n"); ok {
			m.line.Reset()
			if m.echo {
				m.out.WriteString(s + "\r\n")
			}
			m.commands = append(m.commands, s)
			m.out.WriteString(m.reply(s))
		}
	}
	return len(b), nil
}

// heard returns the commands so far that begin with prefix.
func (m *module) heard(prefix string) (all []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.commands {
		if strings.HasPrefix(c, prefix) {
			all = append(all, c)
		}
	}
	return all
}

const (
	ok    = "\r\nOK\r\n"
	wrong = "\r\nERROR\r\n"
)

func (m *module) reply(s string) string {
	for prefix, f := range m.on {
		if strings.HasPrefix(s, prefix) {
			if r := f(strings.TrimPrefix(s, prefix)); r != "" {
				return r
			}
		}
	}
	name, args, _ := strings.Cut(s, "=")
	f := strings.Split(args, ",")
	id := 0
	if len(f) > 0 {
		id, _ = strconv.Atoi(f[0])
		id = min(max(id, 0), 4)
	}
	switch name {
	case "ATE0":
		m.echo = false
	case "AT+RST":
		m.echo, m.mux, m.links = true, 0, [5]*fakeLink{}
		return ok + "\xff\xfe\x00ets Jun  8 2016\r\n\r\nready\r\n"
	case "AT+GMR":
		return "AT version:5.0.0.0(b49e4b9 - ESP32C3)\r\nSDK version:v5.4\r\nBin version:v5.0(MINI-1)\r\n" + ok
	case "AT+CIPMUX":
		m.mux, _ = strconv.Atoi(args)
	case "AT+CIPMUX?":
		return fmt.Sprintf("+CIPMUX:%d\r\n", m.mux) + ok
	case "AT+CWJAP":
		return "WIFI CONNECTED\r\nWIFI GOT IP\r\n" + ok
	case "AT+CWJAP?":
		return "+CWJAP:\"net\",\"02:00:00:00:00:01\",6,-51,0,0,3,0,1\r\n" + ok
	case "AT+CIPSTA?":
		return "+CIPSTA:ip:\"10.0.0.7\"\r\n+CIPSTA:gateway:\"10.0.0.1\"\r\n+CIPSTA:netmask:\"255.255.255.0\"\r\n" + ok
	case "AT+CIPSTAMAC?":
		return "+CIPSTAMAC:\"02:00:00:aa:bb:cc\"\r\n" + ok
	case "AT+CIPSTART":
		if m.links[id] != nil {
			return wrong
		}
		l := &fakeLink{kind: f[1], peer: f[2] + "," + f[3], local: 50000 + id}
		if l.kind == `"UDP"` {
			l.local, _ = strconv.Atoi(f[4])
		}
		m.links[id] = l
		return fmt.Sprintf("%d,CONNECT\r\n", id) + ok
	case "AT+CIPSTATE?":
		return m.state() + ok
	case "AT+CIPRECVLEN?":
		var n []string
		for _, l := range m.links {
			if l == nil {
				n = append(n, "")
			} else {
				n = append(n, strconv.Itoa(len(l.in)))
			}
		}
		return "+CIPRECVLEN:" + strings.Join(n, ",") + "\r\n" + ok
	case "AT+CIPRECVDATA":
		l := m.links[id]
		if l == nil || len(l.in) == 0 {
			return wrong
		}
		n, _ := strconv.Atoi(f[1])
		n = min(n, len(l.in))
		data := l.in[:n]
		l.in = l.in[n:]
		return fmt.Sprintf("+CIPRECVDATA:%d,%s,%s", n, l.peer, data) + ok
	case "AT+CIPSEND", "AT+CIPSENDL":
		if m.links[id] == nil {
			return wrong
		}
		m.sendTo = name[2:] + " " + f[0]
		m.want, _ = strconv.Atoi(f[1])
		return "\r\nOK\r\n\r\n>"
	case "AT+CIPCLOSE":
		if m.links[id] == nil {
			return wrong
		}
		m.links[id] = nil
		return fmt.Sprintf("%d,CLOSED\r\n", id) + ok
	}
	return ok
}

func (m *module) state() (s string) {
	for i, l := range m.links {
		if l != nil {
			s += fmt.Sprintf("+CIPSTATE:%d,%s,%s,%d,%d\r\n", i, l.kind, l.peer, l.local, l.came)
		}
	}
	return s
}

// sent is for payload that is complete.
func (m *module) sent() {
	n := m.payload.Len()
	name, id, _ := strings.Cut(m.sendTo, " ")
	if l := m.links[id[0]-'0']; l != nil {
		l.got.Write(m.payload.Bytes())
	}
	m.payload.Reset()
	if name == "+CIPSENDL" {
		fmt.Fprintf(&m.out, "+CIPSENDL:%d,%d\r\n", n, n)
	} else {
		fmt.Fprintf(&m.out, "\r\nRecv %d bytes\r\n", n)
	}
	m.out.WriteString("\r\nSEND OK\r\n")
}

// arrive has data arrive on a link, and the module announce it.
func (m *module) arrive(link int, data string) {
	m.do(func() {
		m.links[link].in = append(m.links[link].in, data...)
		fmt.Fprintf(&m.out, "\r\n+IPD,%d,%d\r\n", link, len(m.links[link].in))
	})
}

// connected returns a device that has joined the network of m.
func connected(t testing.TB, m *module) *espat.Device {
	t.Helper()
	dev := espat.New(&espat.Config{UART: m, Timeout: 4 * time.Second})
	t.Cleanup(func() { dev.Stop() })
	if err := dev.NetConnect(&netlink.ConnectParams{Ssid: "net", Passphrase: "password", Retries: 1}); err != nil {
		t.Fatal("NetConnect: ", err)
	}
	return dev
}
