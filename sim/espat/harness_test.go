package espat_test

import (
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/bus"
	"github.com/netdev-go/netdev/sim/espat"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
)

var (
	chipAddr = netip.MustParseAddr("10.0.0.2")
	peerNet  = netip.MustParsePrefix("10.0.0.1/24")
	chipMAC  = [6]byte{2, 0, 0, 0, 0, 2}
)

const ok = "\r\nOK\r\n"

// A rig is a chip and a peer on a network of two, and the test as the MCU.
type rig struct {
	*testing.T
	*espat.Chip
	uart    *bus.Port
	own     *stack.Stack // the chip's Network
	peer    *stack.Stack
	peerDev *ether.Device
	got     string // read and not looked at
}

// boot has f run in a bubble with a chip that has said ready, and echoes.
func boot(t *testing.T, c espat.Config, f func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a, b, err := ether.Cable(ether.Config{Queue: 1024, MAC: chipMAC}, ether.Config{Queue: 1024})
		must(t, err)
		own, err := stack.New(a, stack.Config{})
		must(t, err)
		peer, err := stack.New(b, stack.Config{Address: peerNet})
		must(t, err)
		must(t, peer.NetConnect(&netlink.ConnectParams{}))
		c.Network = own
		chip := espat.New(c)
		r := &rig{T: t, Chip: chip, uart: chip.Port(), own: own, peer: peer, peerDev: b}
		defer func() {
			must(t, chip.Stop())
			must(t, own.Stop())
			must(t, peer.Stop())
			must(t, a.Close())
			must(t, b.Close())
		}()
		r.until("ready\r\n")
		f(r)
	})
}

// run is boot with a chip that is joined and quiet: CIPMUX, passive mode, no echo.
func run(t *testing.T, c espat.Config, f func(r *rig)) {
	t.Helper()
	boot(t, c, func(r *rig) {
		r.setUp()
		f(r)
		if s := r.Stats(); s.Abuse != 0 || s.Busy != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func (r *rig) setUp() {
	r.Helper()
	r.command("ATE0")
	r.command("AT+SYSSTORE=0")
	r.command("AT+CWMODE=1")
	r.command(`AT+CIPSTA="10.0.0.2","10.0.0.1","255.255.255.0"`)
	r.command(`AT+CWJAP="home","correct horse"`)
	r.command("AT+CIPMUX=1")
	r.command("AT+CIPRECVTYPE=5,1")
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (r *rig) write(text string) {
	r.Helper()
	_, err := r.uart.Write([]byte(text))
	must(r.T, err)
}

// more waits for what the chip says next, and reports whether it said anything.
func (r *rig) more(d time.Duration) bool {
	end := time.Now().Add(d)
	var buf [4096]byte
	for {
		n, err := r.uart.Read(buf[:])
		r.got += string(buf[:n])
		left := time.Until(end)
		if n > 0 || err != nil || left <= 0 {
			return n > 0
		}
		r.uart.WaitReadable(left)
	}
}

// until returns what the chip says, up to and with text.
func (r *rig) until(text string) string {
	r.Helper()
	for {
		if i := strings.Index(r.got, text); i >= 0 {
			i += len(text)
			said := r.got[:i]
			r.got = r.got[i:]
			return said
		}
		if !r.more(2 * time.Minute) {
			r.Fatalf("the chip says %q, and not %q", r.got, text)
		}
	}
}

// expect wants these bytes next, and no others.
func (r *rig) expect(text string) {
	r.Helper()
	for len(r.got) < len(text) && r.more(2*time.Minute) {
	}
	if !strings.HasPrefix(r.got, text) {
		r.Fatalf("the chip says %q, want %q", r.got, text)
	}
	r.got = r.got[len(text):]
}

// silent wants the chip to say nothing for a while.
func (r *rig) silent(d time.Duration) {
	r.Helper()
	for r.more(d) {
	}
	if r.got != "" {
		r.Errorf("the chip says %q", r.got)
		r.got = ""
	}
}

// ask sends a command and wants this answer.
func (r *rig) ask(command, answer string) {
	r.Helper()
	r.write(command + "\r\n")
	r.expect(answer)
}

// command sends a command and returns its reply, which is to end in OK.
func (r *rig) command(command string) string {
	r.Helper()
	r.write(command + "\r\n")
	for !strings.Contains(r.got, ok) && !strings.Contains(r.got, "\r\nERROR\r\n") {
		if !r.more(2 * time.Minute) {
			r.Fatalf("%s: the chip says %q", command, r.got)
		}
	}
	if strings.Contains(r.got, "\r\nERROR\r\n") {
		r.Fatalf("%s: %q", command, r.got)
	}
	return r.until(ok)
}

func soon() time.Time { return time.Now().Add(time.Minute) }

// serve returns a listener of the peer's.
func (r *rig) serve(port uint16) int {
	r.Helper()
	fd, err := r.peer.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
	must(r.T, err)
	must(r.T, r.peer.Bind(fd, netip.AddrPortFrom(netip.IPv4Unspecified(), port)))
	must(r.T, r.peer.Listen(fd, 8))
	return fd
}

// dial opens a link and returns the peer's end.
func (r *rig) dial(id string) int {
	r.Helper()
	l := r.serve(80)
	r.ask("AT+CIPSTART="+id+`,"TCP","10.0.0.1",80,,,5000`, id+",CONNECT\r\n"+ok)
	fd, _, err := r.peer.Accept(l)
	must(r.T, err)
	must(r.T, r.peer.Close(l))
	return fd
}

// call connects the peer to the chip.
func (r *rig) call(port uint16) int {
	r.Helper()
	fd, err := r.peer.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
	must(r.T, err)
	must(r.T, r.peer.Connect(fd, "", netip.AddrPortFrom(chipAddr, port)))
	return fd
}

func (r *rig) says(fd int, text string) {
	r.Helper()
	_, err := r.peer.Send(fd, []byte(text), 0, soon())
	must(r.T, err)
}

func (r *rig) hears(fd, n int) string {
	r.Helper()
	b := make([]byte, n)
	for at := 0; at < n; {
		m, err := r.peer.Recv(fd, b[at:], 0, soon())
		if err != nil {
			r.Fatalf("the peer has %q: %v", b[:at], err)
		}
		at += m
	}
	return string(b)
}

// talker is a datagram socket of the peer's.
func (r *rig) talker(port uint16) int {
	r.Helper()
	fd, err := r.peer.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)
	must(r.T, err)
	must(r.T, r.peer.Bind(fd, netip.AddrPortFrom(netip.IPv4Unspecified(), port)))
	return fd
}

// noSockets wants none left in the chip's network.
func (r *rig) noSockets() {
	r.Helper()
	list, err := r.own.Sockets()
	if err != nil || len(list) != 0 {
		r.Errorf("the chip has left %+v, %v", list, err)
	}
}
