package w5500

import (
	"bytes"
	"io"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// loopChip is a chip on a loopback, with an address, and the test in the Core's
// place.
func loopChip(t *testing.T, set func(*Config)) (*chip, *loopback) {
	t.Helper()
	l := newLoopback()
	config := &Config{SPI: l, CS: l.CS, Address: netip.MustParsePrefix("10.0.0.2/24")}
	if set != nil {
		set(config)
	}
	c := New(config).chip
	if err := c.boot(); err != nil {
		t.Fatal(err)
	}
	if err := c.setAddress(address{prefix: config.Address}); err != nil {
		t.Fatal(err)
	}
	return c, l
}

func (c *chip) mustOpen(t *testing.T, kind offload.Kind) int {
	t.Helper()
	id, err := c.Open(kind)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (c *chip) mustConnect(t *testing.T, id int) {
	t.Helper()
	if err := c.Connect(id, 4000, elsewhere, ""); err != netdev.ErrInProgress {
		t.Fatalf("Connect: %v", err)
	}
	if err := c.Connected(id); err != nil {
		t.Fatalf("Connected: %v", err)
	}
}

// The pointers have 16 bits and never begin again at 0 by themselves.
func TestPointersWrapAround(t *testing.T) {
	c, _ := loopChip(t, nil)
	id := c.mustOpen(t, offload.Stream)
	c.mustConnect(t, id)
	out, in := make([]byte, 1999), make([]byte, 1999)
	for round := range 40 {
		for i := range out {
			out[i] = byte(i + round)
		}
		if n, err := c.Send(id, out); n != len(out) || err != nil {
			t.Fatalf("round %d: Send %d, %v", round, n, err)
		}
		c.Idle(nil, 0)
		if n, err := c.Recv(id, in); n != len(in) || err != nil || !bytes.Equal(in, out) {
			t.Fatalf("round %d: Recv %d, %v, the same: %v", round, n, err, bytes.Equal(in, out))
		}
	}
	if _, err := c.Recv(id, in); err != netdev.ErrWouldBlock {
		t.Errorf("Recv of nothing: %v", err)
	}
}

func TestRecvTakesWhatThereIsRoomFor(t *testing.T) {
	c, _ := loopChip(t, nil)
	id := c.mustOpen(t, offload.Stream)
	c.mustConnect(t, id)
	c.Send(id, []byte("one two three"))
	c.Idle(nil, 0)
	var got []byte
	for buf := make([]byte, 4); len(got) < 13; {
		n, err := c.Recv(id, buf)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, buf[:n]...)
	}
	if string(got) != "one two three" {
		t.Errorf("received %q", got)
	}
}

// How a stream has ended, by what the chip shows.
func TestOutcomesOfAStream(t *testing.T) {
	for name, c := range map[string]struct {
		sr, ir byte
		mac    byte
		dial   error // of a connection that was under way
		recv   error // of one that was there
	}{
		"reset":       {srClosed, 0, 2, netdev.ErrConnRefused, netdev.ErrConnReset},
		"timed out":   {srClosed, irTIMEOUT, 2, netdev.ErrConnTimedOut, netdev.ErrConnTimedOut},
		"unreachable": {srClosed, irTIMEOUT, 0xFF, netdev.ErrHostUnreachable, netdev.ErrConnTimedOut},
		"FIN":         {srCloseWait, 0, 2, nil, io.EOF},
	} {
		t.Run(name, func(t *testing.T) {
			k, l := loopChip(t, nil)
			id := k.mustOpen(t, offload.Stream)
			if err := k.Connect(id, 4000, elsewhere, ""); err != netdev.ErrInProgress {
				t.Fatal(err)
			}
			r := &l.regs[k.socketOf(id).n]
			r[snSR], r[snIR] = srSynSent, 0
			if err := k.Connected(id); err != netdev.ErrInProgress {
				t.Errorf("Connected in SYNSENT: %v", err)
			}
			for i := range 6 {
				r[snDHAR+i] = c.mac
			}
			r[snSR], r[snIR] = c.sr, c.ir
			if err := k.Connected(id); err != c.dial {
				t.Errorf("Connected: %v, want %v", err, c.dial)
			}

			k, l = loopChip(t, nil)
			id = k.mustOpen(t, offload.Stream)
			k.mustConnect(t, id)
			r = &l.regs[k.socketOf(id).n]
			r[snSR], r[snIR] = c.sr, c.ir|1
			k.Idle(nil, 0)
			if _, err := k.Recv(id, make([]byte, 1)); err != c.recv {
				t.Errorf("Recv: %v, want %v", err, c.recv)
			}
			if err := k.Close(id, true); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
}

// Between the two readings of what is not believed at once the time may be over.
func TestATimeoutDuringALookIsNoRefusal(t *testing.T) {
	for _, verify := range []bool{false, true} {
		var after func()
		c, l := loopChip(t, func(config *Config) {
			cs := config.CS
			config.Verify = verify
			config.CS = func(high bool) {
				if cs(high); high && after != nil {
					after()
				}
			}
		})
		id := c.mustOpen(t, offload.Stream)
		if err := c.Connect(id, 4000, elsewhere, ""); err != netdev.ErrInProgress {
			t.Fatal(err)
		}
		r := &l.regs[c.socketOf(id).n]
		r[snSR], r[snIR] = srSynSent, 0
		after = func() { r[snSR], r[snIR], after = srClosed, irTIMEOUT, nil }
		err := c.Connected(id)
		if err == netdev.ErrInProgress {
			err = c.Connected(id)
		}
		if err != netdev.ErrHostUnreachable {
			t.Errorf("verify %v: Connected: %v, want ErrHostUnreachable", verify, err)
		}
	}
}

// Nobody has looked at a socket since its client came.
func TestAListenerDoesNotGiveAwayAClient(t *testing.T) {
	c, l := loopChip(t, nil)
	id := c.mustOpen(t, offload.Stream)
	if err := c.Listen(id, 80, sockets); err != nil {
		t.Fatal(err)
	}
	for range spare {
		c.mustOpen(t, offload.Stream)
	}
	client := c.socketOf(id).n
	l.regs[client][snSR] = srEstablished
	l.raise(int(client), 1) // CON
	c.Idle(nil, 0)
	c.mustOpen(t, offload.Stream)
	if _, _, err := c.Accept(id); err != nil {
		t.Errorf("Accept: %v", err)
	}
}

// A connection keeps its socket until the FIN has come through, and not for ever.
func TestCloseHasABound(t *testing.T) {
	c, l := loopChip(t, nil)
	id := c.mustOpen(t, offload.Stream)
	c.mustConnect(t, id)
	s := c.socketOf(id)
	l.stuck = true // DISCON leads to FIN_WAIT, where it stays
	for range 3 {
		if err := c.Close(id, false); err != netdev.ErrInProgress {
			t.Fatalf("Close: %v", err)
		}
	}
	s.closing = s.closing.Add(-finTime - time.Second)
	if err := c.Close(id, false); err != nil {
		t.Errorf("Close after all that time: %v", err)
	}
	if c.socketOf(id) != nil || l.regs[s.n][snSR] != srClosed {
		t.Error("the socket is not free")
	}
}

func TestOptionsAreRegisters(t *testing.T) {
	c, l := loopChip(t, nil)
	id := c.mustOpen(t, offload.Stream)
	for _, o := range []struct {
		level, opt int
		value      any
	}{
		{netdev.IPPROTO_IP, netdev.IP_TTL, 7},
		{netdev.IPPROTO_IP, netdev.IP_TOS, 0x10},
		{netdev.SOL_TCP, netdev.TCP_MAXSEG, 536},
		{netdev.SOL_TCP, netdev.TCP_NODELAY, true},
		{netdev.SOL_SOCKET, netdev.SO_KEEPALIVE, true},
		{netdev.SOL_TCP, netdev.TCP_KEEPIDLE, 12},
	} {
		if err := c.SetOption(id, o.level, o.opt, o.value); err != nil {
			t.Errorf("option %d of level %d: %v", o.opt, o.level, err)
		}
	}
	c.mustConnect(t, id)
	n := c.socketOf(id).n
	r := &l.regs[n]
	if r[snTTL] != 7 || r[snTOS] != 0x10 || be16(r[snMSSR:]) != 536 || r[snMR] != modeTCP|modeND || r[snKPALV] != 3 {
		t.Errorf("TTL %d, TOS %#x, MSS %d, MR %#x, keep-alive %d × 5 s", r[snTTL], r[snTOS], be16(r[snMSSR:]), r[snMR], r[snKPALV])
	}
	if err := c.SetOption(id, netdev.SOL_SOCKET, netdev.SO_KEEPALIVE, false); err != nil || r[snKPALV] != 0 {
		t.Errorf("keep-alive off while connected: %d, %v", r[snKPALV], err)
	}
	if err := c.SetOption(id, netdev.SOL_TCP, netdev.TCP_USER_TIMEOUT, 1000); err != netdev.ErrNotSupported {
		t.Errorf("an option that the chip does not have: %v", err)
	}

	c.Close(id, true)
	id = c.mustOpen(t, offload.Stream)
	c.mustConnect(t, id)
	if r := &l.regs[c.socketOf(id).n]; r[snTTL] != defaultTTL || r[snTOS] != 0 || be16(r[snMSSR:]) != 1024 || r[snMR] != modeTCP {
		t.Errorf("the next one has TTL %d, TOS %#x, MSS %d, MR %#x", r[snTTL], r[snTOS], be16(r[snMSSR:]), r[snMR])
	}
}

// What was sent to a group and not received yet goes with the membership.
func TestNoDatagramOfAGroupIsLeftBehind(t *testing.T) {
	c, _ := loopChip(t, nil)
	id := c.mustOpen(t, offload.Datagram)
	if err := c.Bind(id, 4000); err != nil {
		t.Fatal(err)
	}
	group := netip.MustParseAddr("224.0.0.200")
	if err := c.setGroup(id, group, true); err != nil {
		t.Fatal(err)
	}
	if err := c.SendTo(id, []byte("hello"), netip.AddrPortFrom(group, 4000)); err != nil {
		t.Fatal(err)
	}
	if err := c.setGroup(id, group, false); err != nil {
		t.Fatal(err)
	}
	if n, from, err := c.RecvFrom(id, make([]byte, 10)); err != netdev.ErrWouldBlock {
		t.Errorf("RecvFrom: %d bytes from %v, %v", n, from, err)
	}
}

// A SEND that the bus has lost is given again, once it has been quiet for long.
func TestASENDThatIsLostIsGivenAgain(t *testing.T) {
	c, l := loopChip(t, nil)
	id := c.mustOpen(t, offload.Stream)
	c.mustConnect(t, id)
	l.deaf = cmdSEND
	if n, err := c.Send(id, []byte("hello")); n != 5 || err != nil {
		t.Fatal(n, err)
	}
	l.deaf = 0
	for range 3 {
		c.Idle(nil, 0)
		if _, err := c.Send(id, []byte("more")); err != netdev.ErrWouldBlock {
			t.Fatalf("Send while another is under way: %v", err)
		}
	}
	s := c.socketOf(id)
	s.since = s.since.Add(-2 * sendTime)
	c.Idle(nil, 0)
	c.Send(id, []byte("more"))
	c.Idle(nil, 0)
	buf := make([]byte, 10)
	if n, err := c.Recv(id, buf); string(buf[:n]) != "hello" {
		t.Errorf("what came back is %q, %v", buf[:n], err)
	}
}

// The chip asks by ARP for the receiver of a SEND, and nobody is a group.
func TestADatagramToAGroupIsGivenAgainAsOne(t *testing.T) {
	c, l := loopChip(t, nil)
	id := c.mustOpen(t, offload.Datagram)
	if err := c.Bind(id, 4000); err != nil {
		t.Fatal(err)
	}
	group := netip.MustParseAddrPort("224.0.0.200:4000")
	l.deaf = cmdSENDMAC
	if err := c.SendTo(id, []byte("hello"), group); err != nil {
		t.Fatal(err)
	}
	l.deaf = cmdSEND
	s := c.socketOf(id)
	s.since = s.since.Add(-2 * sendTime)
	c.Idle(nil, 0)
	c.SendTo(id, []byte("more"), group)
	c.Idle(nil, 0)
	buf := make([]byte, 10)
	if n, _, err := c.RecvFrom(id, buf); string(buf[:n]) != "hello" {
		t.Errorf("what came back is %q, %v", buf[:n], err)
	}
}

func TestAHardwareAddressOfNobodysOwn(t *testing.T) {
	seen := map[string]bool{}
	for range 8 {
		mac, err := New(&Config{SPI: newLoopback(), CS: func(bool) {}}).GetHardwareAddr()
		if err != nil || len(mac) != 6 || mac[0]&3 != 2 || seen[mac.String()] {
			t.Fatalf("hardware address %v, %v", mac, err)
		}
		seen[mac.String()] = true
	}
}
