package espat_test

import (
	"bytes"
	"fmt"
	"slices"
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

	failed error // of the port
	looks  int   // how often it was looked at since

	// spoil is what becomes of what is written.
	spoil func(b []byte) []byte

	// take is how much of n bytes that are sent the peer takes; nil is all.
	take func(n int) int

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
	if m.failed != nil {
		return 0, m.failed
	}
	return m.out.Read(b)
}

func (m *module) Buffered() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failed != nil {
		m.looks++
		return 1
	}
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
	written := len(b)
	if m.want > 0 && string(b) == "+++" {
		m.want = 0
		m.payload.Reset()
		m.out.WriteString("\r\nSEND Canceled\r\n")
		return written, nil
	}
	if m.spoil != nil {
		b = m.spoil(b)
	}
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
	return written, nil
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

// known are the commands.
var known = strings.Fields(`AT ATE0 AT+RST AT+GMR AT+SYSSTORE AT+SYSLOG AT+CWMODE AT+CWRECONNCFG AT+CIPMUX
	AT+CIPDINFO AT+CIPRECVTYPE AT+CIPRECVMODE AT+CIPSENDLCFG AT+TRANSINTVL AT+CIPTCPOPT AT+CWDHCP AT+CIPSTA AT+CIPDNS AT+CWJAP
	AT+CWQAP AT+CWSAP AT+CIPAP AT+CIPSTAMAC AT+CIPSTART AT+CIPSTATE AT+CIPRECVLEN AT+CIPRECVDATA AT+CIPSEND
	AT+CIPSENDL AT+CIPCLOSE AT+CIPSERVER AT+CIPSERVERMAXCONN AT+CIPSTO AT+CIPDOMAIN AT+CWLAP AT+PING`)

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
	f := append(strings.Split(args, ","), make([]string, 8)...)
	id, err := strconv.Atoi(f[0])
	switch base, _ := strings.CutSuffix(name, "?"); {
	case !strings.HasPrefix(s, "AT"):
		return "ERR CODE:0x01030000\r\n" + wrong
	case !slices.Contains(known, base):
		return "ERR CODE:0x01090000\r\n" + wrong
	case args != "" && strings.HasPrefix(name, "AT+CIPSEND") && name != "AT+CIPSENDLCFG", name == "AT+CIPSTART", name == "AT+CIPRECVDATA", name == "AT+CIPCLOSE":
		if err != nil || id < 0 || id > 4 {
			return "ERR CODE:0x01070000\r\n" + wrong
		}
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
		n, err := strconv.Atoi(f[1])
		if err != nil {
			return "ERR CODE:0x01050000\r\n" + wrong
		}
		n = min(n, len(l.in))
		data := l.in[:n]
		l.in = l.in[n:]
		return fmt.Sprintf("+CIPRECVDATA:%d,%s,%s", n, l.peer, data) + ok
	case "AT+CIPSEND", "AT+CIPSENDL":
		if m.links[id] == nil {
			return wrong
		}
		m.sendTo = name[2:] + " " + f[0]
		if m.want, err = strconv.Atoi(f[1]); err != nil {
			return "ERR CODE:0x01050000\r\n" + wrong
		}
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
	took := n
	if m.take != nil {
		took = m.take(n)
	}
	name, id, _ := strings.Cut(m.sendTo, " ")
	if l := m.links[id[0]-'0']; l != nil {
		l.got.Write(m.payload.Next(took))
	}
	m.payload.Reset()
	if name == "+CIPSENDL" {
		fmt.Fprintf(&m.out, "+CIPSENDL:%d,%d\r\n", took, n)
		if took < n {
			m.out.WriteString("\r\nSEND FAIL\r\n")
			return
		}
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
	join(t, dev, 0)
	return dev
}

func join(t testing.TB, dev *espat.Device, watchdog time.Duration) {
	t.Helper()
	err := dev.NetConnect(&netlink.ConnectParams{Ssid: "net", Passphrase: "password", Retries: 1, WatchdogTimeout: watchdog})
	if err != nil {
		t.Fatal("NetConnect: ", err)
	}
}
