package w5500

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
	"github.com/netdev-go/netdev/netlink"
)

// A loopback is as much of a chip as sends back what it is sent, in memory that is
// there from the beginning: the allocations of a test are the driver's.
type loopback struct {
	low    bool
	have   int
	addr   uint16
	ctl    byte
	common [64]byte
	regs   [sockets][48]byte
	read   [sockets]uint16 // RX_RD as RECV has taken it
	tx, rx [sockets][2048]byte
	fell   func()
	stuck  bool // nobody answers a FIN
	deaf   byte // to this command

	faults []fault // in the order of their place
	at     int     // bytes so far
}

// A fault meets the at-th byte on the bus.
type fault struct {
	at      int
	toChip  bool
	xor     byte // bits that flip
	lost    bool // the chip does not see it
	doubled bool // the chip sees it twice
}

func newLoopback() *loopback {
	l := &loopback{}
	l.reset()
	return l
}

func (l *loopback) reset() {
	*l = loopback{low: l.low, have: l.have, addr: l.addr, ctl: l.ctl, fell: l.fell, faults: l.faults, at: l.at}
	l.common[regPHYCFGR], l.common[regVERSIONR] = linkOn, version
	for n := range l.regs {
		l.regs[n][snRXBUF], l.regs[n][snTXBUF] = 2, 2
	}
}

func (l *loopback) CS(high bool) {
	l.low, l.have = !high, 0
}

func (l *loopback) Tx(w, r []byte) error {
	for i := 0; i < max(len(w), len(r)); i++ {
		var out byte
		if w != nil {
			out = w[i]
		}
		in := byte(0xFF)
		if f := l.fault(true); !f.lost {
			in = l.clock(out ^ f.xor)
			if f.doubled {
				l.clock(out)
			}
		}
		if r != nil {
			r[i] = in ^ l.fault(false).xor
		}
		l.at++
	}
	return nil
}

func (l *loopback) fault(toChip bool) fault {
	for _, f := range l.faults {
		if f.at == l.at && f.toChip == toChip {
			return f
		}
	}
	return fault{}
}

func (l *loopback) clock(b byte) byte {
	if !l.low {
		return 0xFF
	}
	switch l.have++; l.have {
	case 1:
		l.addr = uint16(b) << 8
		return 1
	case 2:
		l.addr |= uint16(b)
		return 2
	case 3:
		l.ctl = b
		return 3
	}
	block, n, a := l.ctl>>3, l.ctl>>5, l.addr
	var p *byte
	l.addr++
	switch {
	case block == 0:
		l.common[regSIR] = l.sir()
		if a >= 64 {
			return 0
		}
		p = &l.common[a]
	case block&3 == 1:
		regs := &l.regs[n]
		put(regs[snRXRSR:], be16(regs[snRXWR:])-l.read[n])
		put(regs[snTXFSR:], 2048) // what is sent is there at once
		if a >= 48 {
			return 0
		}
		p = &regs[a]
	case block&3 == 2:
		p = &l.tx[n][a%2048]
	case block&3 == 3:
		p = &l.rx[n][a%2048]
	default:
		return 0
	}
	if l.ctl&write == 0 {
		return *p
	}
	switch {
	case block == 0 && a == regMR && b&modeReset != 0:
		l.reset()
	case block&3 == 1 && a == snIR:
		*p &^= b
	case block&3 == 1 && a == snCR:
		l.command(int(n), b)
	case block&3 == 1 && (a == snSR || a >= snTXFSR && a < snTXWR || a >= snRXRSR && a < snRXRD || a == snRXWR || a == snRXWR+1):
		// to be read only
	default:
		*p = b
	}
	return 0
}

func (l *loopback) sir() (bits byte) {
	for n := range l.regs {
		if l.regs[n][snIR] != 0 {
			bits |= 1 << n
		}
	}
	return bits
}

func put(p []byte, v uint16) { p[0], p[1] = byte(v>>8), byte(v) }

func (l *loopback) command(n int, cmd byte) {
	r := &l.regs[n]
	if cmd == l.deaf {
		return
	}
	switch cmd {
	case cmdOPEN:
		clear(r[snTXRD:snRXRSR])
		clear(r[snRXRD : snRXWR+2])
		l.read[n] = 0
		switch r[snMR] & 0x0F {
		case modeTCP:
			r[snSR] = srInit
		case modeMACRAW:
			r[snSR] = srMACRAW
		default:
			r[snSR] = srUDP
		}
	case cmdLISTEN:
		r[snSR] = srListen
	case cmdCONNECT:
		r[snSR] = srEstablished
		l.raise(n, 1) // CON
	case cmdDISCON:
		if r[snSR] = srClosed; l.stuck {
			r[snSR] = srFinWait
		}
	case cmdCLOSE:
		r[snSR] = srClosed
	case cmdRECV:
		l.read[n] = be16(r[snRXRD:])
	case cmdSEND, cmdSENDMAC:
		wr, from, to := be16(r[snRXWR:]), be16(r[snTXRD:]), be16(r[snTXWR:])
		if to-from > 2048 {
			return
		}
		if r[snMR]&0x0F == modeUDP {
			for _, b := range r[snDIPR : snDPORT+2] {
				l.rx[n][wr%2048] = b
				wr++
			}
			put(l.rx[n][wr%2048:], to-from)
			wr += 2
		}
		for ; from != to; from++ {
			l.rx[n][wr%2048] = l.tx[n][from%2048]
			wr++
		}
		put(r[snRXWR:], wr)
		put(r[snTXRD:], to)
		l.raise(n, irSENDOK|irRECV)
	}
}

func (l *loopback) raise(n int, bits byte) {
	l.regs[n][snIR] |= bits
	if l.fell != nil {
		l.fell()
	}
}

var elsewhere = netip.MustParseAddrPort("10.0.0.9:7")

// loopDevice is a device on a loopback, connected.
func loopDevice(tb testing.TB) *Device {
	l := newLoopback()
	d := New(&Config{
		SPI: l, CS: l.CS, Interrupt: func() bool { return l.sir() == 0 },
		OnInterrupt: func(f func()) { l.fell = f },
		Address:     netip.MustParsePrefix("10.0.0.2/24"),
	})
	tb.Cleanup(func() { d.Stop() })
	if err := d.NetConnect(&netlink.ConnectParams{}); err != nil {
		tb.Fatal(err)
	}
	return d
}

func TestSendAndRecvDoNotAllocate(t *testing.T) {
	for name, stype := range map[string]int{"stream": netdev.SOCK_STREAM, "datagram": netdev.SOCK_DGRAM} {
		t.Run(name, func(t *testing.T) {
			d := loopDevice(t)
			fd, err := d.Socket(netdev.AF_INET, stype, 0)
			if err != nil {
				t.Fatal(err)
			}
			if err := d.Connect(fd, "", elsewhere); err != nil {
				t.Fatal(err)
			}
			out, in := bytes.Repeat([]byte("0123456789abcdef"), 32), make([]byte, 512)
			deadline := time.Now().Add(time.Minute)
			allocs := testing.AllocsPerRun(200, func() {
				if n, err := d.Send(fd, out, 0, deadline); n != len(out) || err != nil {
					t.Fatal(n, err)
				}
				for got := 0; got < len(in); {
					n, err := d.Recv(fd, in[got:], 0, deadline)
					if err != nil {
						t.Fatal(err)
					}
					got += n
				}
			})
			if !bytes.Equal(in, out) {
				t.Error("something else came back")
			}
			if allocs != 0 {
				t.Errorf("%v allocations for a Send and a Recv", allocs)
			}
		})
	}
}

// converse has a device on a loopback that has faults boot, and send and receive
// over TCP and UDP. It returns what was received instead of what was sent, if
// anything was, and how often that was what was sent.
func converse(l *loopback, verify bool) (wrong []byte, right int) {
	d := New(&Config{
		SPI: l, CS: l.CS, Verify: verify, Timeout: time.Microsecond,
		Address: netip.MustParsePrefix("10.0.0.2/24"), MAC: [6]byte{2, 0, 0, 0, 0, 1},
	})
	c := d.chip
	c.boot()
	c.setAddress(address{prefix: d.config.Address})
	for _, kind := range []offload.Kind{offload.Stream, offload.Datagram} {
		id, err := c.Open(kind)
		if err != nil {
			continue
		}
		if got, err := talk(c, id, kind); err == nil {
			if string(got) != spoken {
				return got, right
			}
			right++
			c.Close(id, true)
		}
	}
	return nil, right
}

const spoken = "what goes out comes back"

func talk(c *chip, id int, kind offload.Kind) ([]byte, error) {
	in := make([]byte, 2048)
	if kind == offload.Stream {
		if err := c.Connect(id, 4000, elsewhere, ""); err != netdev.ErrInProgress {
			return nil, netdev.ErrConnReset
		}
		if err := c.Connected(id); err != nil {
			return nil, err
		}
		if n, err := c.Send(id, []byte(spoken)); err != nil || n != len(spoken) {
			return nil, netdev.ErrConnReset
		}
		n, err := c.Recv(id, in)
		return in[:n], err
	}
	if err := c.Bind(id, 4001); err != nil {
		return nil, err
	}
	if err := c.SendTo(id, []byte(spoken), elsewhere); err != nil {
		return nil, err
	}
	n, _, err := c.RecvFrom(id, in)
	return in[:n], err
}

// Every bit of every byte that goes over the bus, each way, is flipped once, and
// every byte to the chip is lost once, and doubled once.
func TestNoFaultIsReceivedWhereItIsVerified(t *testing.T) {
	t.Parallel()
	quiet := newLoopback()
	if _, right := converse(quiet, true); right != 2 {
		t.Fatalf("without faults %d of two conversations got through", right)
	}
	step := 1
	if testing.Short() {
		step = 7
	}
	for at := 0; at < quiet.at; at += step {
		faults := []fault{{at: at, toChip: true, lost: true}, {at: at, toChip: true, doubled: true}}
		for bit := range 8 {
			faults = append(faults, fault{at: at, toChip: true, xor: 1 << bit}, fault{at: at, xor: 1 << bit})
		}
		for _, f := range faults {
			l := newLoopback()
			l.faults = []fault{f}
			if wrong, _ := converse(l, true); wrong != nil {
				t.Errorf("%+v: received %q", f, wrong)
			}
		}
	}
}

// Whatever the bus makes of the bytes, every call ends.
func FuzzBus(f *testing.F) {
	f.Add([]byte{}, true)
	f.Add([]byte{0, 200, 0, 4}, true)
	f.Add([]byte{1, 44, 1, 0xFF, 1, 46, 0, 0x20}, true)
	f.Add([]byte{2, 10, 0, 0x10, 2, 90, 1, 1, 3, 7, 0, 0xFF}, false)
	f.Fuzz(func(t *testing.T, script []byte, verify bool) {
		l := newLoopback()
		for ; len(script) >= 4 && len(l.faults) < 8; script = script[4:] {
			l.faults = append(l.faults, fault{at: int(be16(script)), toChip: script[2]&1 == 0, xor: script[3]})
		}
		// Of two faults one can hide the other.
		if wrong, _ := converse(l, verify); wrong != nil && verify && len(l.faults) == 1 {
			t.Errorf("received %q", wrong)
		}
	})
}
