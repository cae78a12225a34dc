//go:build !tinygo

package w5500_test

import (
	"errors"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	driver "github.com/netdev-go/netdev/drivers/w5500"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/boards"
)

// events returns what the device tells.
func events(b *boards.Board) <-chan netlink.Event {
	told := make(chan netlink.Event, 16)
	b.NetNotify(func(e netlink.Event) { told <- e })
	return told
}

func wantEvent(t *testing.T, told <-chan netlink.Event, want netlink.Event) {
	t.Helper()
	select {
	case e := <-told:
		if e != want {
			t.Fatalf("the link is %v, want %v", e, want)
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("nobody says that the link is %v", want)
	}
}

func TestNothingGoesOverTheBusBeforeNetConnect(t *testing.T) {
	b, chip := wire(t, boards.Config{}, nil)
	if _, err := b.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0); !errors.Is(err, netdev.ErrNetDown) {
		t.Errorf("Socket: %v, want ErrNetDown", err)
	}
	if n := chip.Stats().Transactions; n != 0 {
		t.Errorf("%d frames went over the bus", n)
	}
}

func TestACableThatIsPulledAndPluggedAgain(t *testing.T) {
	t.Parallel()
	b, chip := wire(t, boards.Config{}, nil)
	told := events(b)
	if err := b.NetConnect(&netlink.ConnectParams{WatchdogTimeout: 5 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	wantEvent(t, told, netlink.EventNetUp)
	fd, err := b.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	before, _ := b.Addr()
	chip.Plug(false)
	wantEvent(t, told, netlink.EventNetDown)
	if _, err := b.Recv(fd, make([]byte, 1), 0, time.Time{}); !errors.Is(err, netdev.ErrNetDown) {
		t.Errorf("Recv without a cable: %v", err)
	}
	chip.Plug(true)
	wantEvent(t, told, netlink.EventNetUp)
	if after, err := b.Addr(); err != nil || after != before {
		t.Errorf("the address is %v, %v; it was %v", after, err, before)
	}
	exchange(t, b, peerOf(t, b))
}

func TestNetConnectWithoutACableGivesUp(t *testing.T) {
	b, chip := wire(t, boards.Config{}, nil)
	chip.Plug(false)
	err := b.NetConnect(&netlink.ConnectParams{ConnectTimeout: 50 * time.Millisecond, Retries: 1})
	if err != netlink.ErrConnectTimeout {
		t.Errorf("NetConnect: %v", err)
	}
}

func TestAnotherChipIsRefused(t *testing.T) {
	b, chip := wire(t, boards.Config{}, func(c *driver.Config) { c.Timeout = time.Millisecond })
	chip.Silence(time.Hour)
	if err := b.NetConnect(&netlink.ConnectParams{Retries: 1}); err == nil {
		t.Error("NetConnect to a chip that says nothing: nil")
	}
}

func TestAStaticAddressNeedsNobody(t *testing.T) {
	want := netip.MustParsePrefix("10.0.2.20/24")
	b, _ := boot(t, boards.Config{Network: sim.Config{Addr: want}}, nil)
	if addr, err := b.Addr(); err != nil || addr != want.Addr() {
		t.Errorf("the address is %v, %v", addr, err)
	}
	exchange(t, b, peerOf(t, b))
}

// DHCP and DNS leave all sockets of the chip to others.
func TestAllSocketsAreTheUsers(t *testing.T) {
	b, _ := boot(t, boards.Config{}, nil)
	if _, err := b.GetHostByName("gateway.netdev"); err != nil && !errors.Is(err, netdev.ErrHostUnknown) {
		t.Fatal(err)
	}
	for n := range 8 {
		if _, err := b.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0); err != nil {
			t.Fatalf("socket %d: %v", n, err)
		}
	}
	if _, err := b.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0); !errors.Is(err, netdev.ErrNoMoreSockets) {
		t.Errorf("a ninth socket: %v", err)
	}
}

// A listener with a long backlog waits with sockets that others do not need.
func TestAListenerGivesWay(t *testing.T) {
	p := newPlace(t, nil)
	fd, at := p.serves(netdev.SOMAXCONN)
	for n := range 7 {
		if _, err := p.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0); err != nil {
			t.Fatalf("socket %d beside a listener: %v", n, err)
		}
	}
	if _, err := p.dials(at); err != nil {
		t.Fatal(err)
	}
	_, _, err := p.Accept(fd)
	p.must("Accept", err)
}

// Clients that come at once find a socket each.
func TestABacklogIsSockets(t *testing.T) {
	p := newPlace(t, nil)
	fd, at := p.serves(4)
	for n := range 4 {
		if _, err := p.dials(at); err != nil {
			t.Fatalf("client %d: %v", n, err)
		}
	}
	for range 4 {
		_, _, err := p.Accept(fd)
		p.must("Accept", err)
	}
}

// The lease outlives a chip that is reset, and nobody hears of a link that is lost.
func TestAResetChipHasItsAddressAgain(t *testing.T) {
	t.Parallel()
	b, chip := wire(t, boards.Config{}, func(c *driver.Config) { c.Timeout = 20 * time.Millisecond })
	told := events(b)
	if err := b.NetConnect(&netlink.ConnectParams{}); err != nil {
		t.Fatal(err)
	}
	wantEvent(t, told, netlink.EventNetUp)
	p, err := b.Peer()
	if err != nil {
		t.Fatal(err)
	}
	s := &place{T: t, Board: b, peer: p}
	fd, _ := s.connected()
	chip.Crash()
	for err = nil; err == nil; { // until the driver looks
		_, err = b.Send(fd, []byte("x"), 0, soon())
	}
	if !errors.Is(err, netdev.ErrConnReset) {
		t.Errorf("a connection of a chip that was reset: %v", err)
	}
	exchange(t, b, p)
	select {
	case e := <-told:
		t.Errorf("the link is %v", e)
	default:
	}
}

// NetDisconnect gives up on a chip that is busy, and does not end the DHCP client.
func TestStopOutlivesAChipThatIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var busy atomic.Bool
		b, _ := boot(t, board, func(c *driver.Config) {
			cs := c.CS
			c.CS = func(high bool) {
				if busy.Swap(false) {
					time.Sleep(10 * time.Second)
				}
				cs(high)
			}
		})
		dev := b.Netdever.(*driver.Device)
		busy.Store(true)
		go dev.Firmware()
		synctest.Wait()
		stopped := make(chan struct{})
		go func() {
			dev.Stop()
			close(stopped)
		}()
		select {
		case <-stopped:
		case <-time.After(time.Minute):
			t.Fatal("Stop does not return")
		}
	})
}

func TestFirmwareAndInterfaces(t *testing.T) {
	b, _ := boot(t, boards.Config{}, nil)
	dev := b.Netdever.(*driver.Device)
	if v, err := dev.Firmware(); v != "4" || err != nil {
		t.Errorf("Firmware: %q, %v", v, err)
	}
	list, err := dev.Interfaces()
	addr, _ := b.Addr()
	if err != nil || len(list) != 1 || len(list[0].Addrs) != 1 || list[0].Addrs[0].Addr() != addr {
		t.Errorf("Interfaces: %v, %v; the address is %v", list, err, addr)
	}
	if mac, err := b.GetHardwareAddr(); err != nil || list[0].HardwareAddr.String() != mac.String() {
		t.Errorf("hardware address %v, %v", mac, err)
	}
	mac, _ := b.GetHardwareAddr()
	mac[0] ^= 0xFF
	if again, _ := b.GetHardwareAddr(); again[0] == mac[0] {
		t.Error("GetHardwareAddr gives its own memory away")
	}
}

func TestAnImpossibleConfigurationPanics(t *testing.T) {
	for name, c := range map[string]driver.Config{
		"no bus":          {},
		"17 KiB":          {SPI: noBus{}, CS: func(bool) {}, RxKB: [8]uint8{16, 1}, TxKB: [8]uint8{2, 2}},
		"3 KiB":           {SPI: noBus{}, CS: func(bool) {}, RxKB: [8]uint8{3}, TxKB: [8]uint8{2}},
		"an IPv6 address": {SPI: noBus{}, CS: func(bool) {}, Address: netip.MustParsePrefix("fe80::1/64")},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			driver.New(&c)
		})
	}
}

type noBus struct{}

func (noBus) Tx(w, r []byte) error { return nil }

// Every way to hear of what happens keeps the contract where it could matter.
func TestWithoutInterrupts(t *testing.T) {
	for name, set := range map[string]func(*driver.Config){
		"the pin is asked":     func(c *driver.Config) { c.OnInterrupt = nil },
		"the chip is asked":    func(c *driver.Config) { c.OnInterrupt, c.Interrupt = nil, nil },
		"only the edge is had": func(c *driver.Config) { c.Interrupt = nil },
		"no reset pin":         func(c *driver.Config) { c.Reset = nil },
		"verified":             func(c *driver.Config) { c.Verify = true },
		"two large sockets": func(c *driver.Config) {
			c.RxKB, c.TxKB = [8]uint8{8, 0, 0, 0, 0, 4, 2, 2}, [8]uint8{8, 0, 0, 0, 0, 4, 2, 2}
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, set)
			exchange(t, p.Board, p.peer)
			fd, at := p.serves(2)
			c, err := p.dials(at)
			p.must("Dial", err)
			conn, _, err := p.Accept(fd)
			p.must("Accept", err)
			c.Write([]byte("to the board"))
			buf := make([]byte, 100)
			n, err := p.Recv(conn, buf, 0, soon())
			if err != nil || string(buf[:n]) != "to the board" {
				t.Errorf("Recv: %q, %v", buf[:n], err)
			}
			p.must("Close", p.Close(conn))
			if _, err := c.Read(buf); err == nil || err.Error() != "EOF" {
				t.Errorf("after Close the peer reads %v", err)
			}
		})
	}
}
