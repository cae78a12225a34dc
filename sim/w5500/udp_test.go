package w5500_test

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/w5500"
)

// talker is a datagram socket of the peer's.
func (r *rig) talker(port uint16) int {
	r.Helper()
	fd, err := r.peer.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)
	must(r.TB, err)
	must(r.TB, r.peer.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_BROADCAST, true))
	must(r.TB, r.peer.Bind(fd, netip.AddrPortFrom(netip.IPv4Unspecified(), port)))
	return fd
}

func (r *rig) sends(fd int, to netip.AddrPort, b []byte) {
	r.Helper()
	_, err := r.peer.SendTo(fd, b, 0, to, soon())
	must(r.TB, err)
}

func (r *rig) gets(fd int) ([]byte, netip.AddrPort) {
	r.Helper()
	b := make([]byte, 2000)
	n, from, err := r.peer.RecvFrom(fd, b, 0, soon())
	must(r.TB, err)
	return b[:n], from
}

func TestADatagramComesBehindItsSenderAndLength(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		r.open(1, 2, 5353)
		r.until(1, udp)
		fd := r.talker(0x1234)
		r.sends(fd, netip.AddrPortFrom(chipAddr, 5353), []byte("abc"))
		r.event(1, received)
		r.sends(fd, netip.AddrPortFrom(chipAddr, 5353), nil)
		want := []byte{10, 0, 0, 1, 0x12, 0x34, 0, 3, 'a', 'b', 'c', 10, 0, 0, 1, 0x12, 0x34, 0, 0}
		if got := r.take(1, len(want)); !bytes.Equal(got, want) {
			t.Errorf("received % X, want % X", got, want)
		}
	})
}

func TestADatagramGoesOutWholeAndOneTooLongInParts(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		r.open(1, 2, 5353)
		fd := r.talker(99)
		r.dest(1, netip.AddrPortFrom(peerAddr, 99))
		for _, n := range []int{0, 1, 1472, 1473} {
			r.put(1, someBytes[:n])
			r.event(1, sendOK)
			got, from := r.gets(fd)
			if len(got) != min(n, 1472) || from != netip.AddrPortFrom(chipAddr, 5353) {
				t.Errorf("of %d bytes %d came from %v", n, len(got), from)
			}
		}
		if got, _ := r.gets(fd); len(got) != 1 {
			t.Errorf("the rest has %d bytes", len(got))
		}
	})
}

func TestADatagramToNobodyIsTimeoutAndTheSocketLives(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		r.open(1, 2, 5353)
		r.dest(1, netip.AddrPortFrom(nobody, 99))
		begin := time.Now()
		r.put(1, []byte("abc"))
		r.event(1, timeout)
		if d := time.Since(begin).Round(10 * time.Millisecond); d != 1800*time.Millisecond || r.reg(1, snSR) != udp {
			t.Errorf("after %v, in state %02X", d, r.reg(1, snSR))
		}
		fd := r.talker(99)
		r.dest(1, netip.AddrPortFrom(peerAddr, 99))
		r.put(1, []byte("def"))
		r.event(1, sendOK)
		if got, _ := r.gets(fd); string(got) != "def" {
			t.Errorf("the peer gets %q", got)
		}
	})
}

func TestASecondDatagramBeforeSendOKIsAbuse(t *testing.T) {
	bare(t, w5500.Config{}, func(r *rig) {
		r.address(chipNet)
		r.open(1, 2, 5353)
		r.dest(1, netip.AddrPortFrom(nobody, 99))
		r.put(1, []byte("abc"))
		r.put(1, []byte("def"))
		if r.Stats().Abuse != 1 {
			t.Error("it is not counted")
		}
	})
}

func TestAPortThatNobodyHasIsToldInUIPR(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		r.write(0, imr, 0x40)
		r.open(1, 2, 5353)
		r.dest(1, netip.AddrPortFrom(peerAddr, 0x0909))
		r.put(1, []byte("abc"))
		r.event(1, sendOK)
		r.wait("IR", 0x40, func() byte { return r.read(0, ir, 1)[0] })
		if got := r.read(0, uipr, 6); !bytes.Equal(got, []byte{10, 0, 0, 1, 9, 9}) {
			t.Errorf("UIPR and UPORTR are % X", got)
		}
		if r.Interrupt() {
			t.Error("INTn is high")
		}
		r.write(0, ir, 0x40)
		if got := r.read(0, ir, 1); got[0] != 0 || !r.Interrupt() {
			t.Errorf("cleared, IR is % X", got)
		}
	})
}

func TestADatagramThatDoesNotFitIsLost(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		r.open(1, 2, 5353)
		fd := r.talker(99)
		for i := range 3 {
			r.sends(fd, netip.AddrPortFrom(chipAddr, 5353), bytes.Repeat([]byte{byte(i)}, 1000))
			time.Sleep(10 * time.Millisecond)
		}
		r.sends(fd, netip.AddrPortFrom(chipAddr, 5353), []byte("x"))
		time.Sleep(10 * time.Millisecond)
		got := r.take(1, 1)
		if len(got) != 2*1008+9 || got[8] != 0 || got[1016] != 1 && got[1008+8] != 1 || got[len(got)-1] != 'x' {
			t.Errorf("%d bytes are there", len(got))
		}
	})
}

func TestBroadcastsAndMulticasts(t *testing.T) {
	group := netip.MustParseAddr("224.0.0.251")
	run(t, w5500.Config{}, func(r *rig) {
		r.open(1, 2, 700)
		r.open(2, 2|0x40, 701)
		r.dest(3, netip.AddrPortFrom(group, 702))
		r.write(regs(3), snDHAR, 1, 0, 0x5E, 0, 0, 0xFB)
		r.open(3, 2|0x80, 702)
		fd := r.talker(99)
		all := netip.MustParseAddr("255.255.255.255")
		r.sends(fd, netip.AddrPortFrom(all, 700), []byte("to all"))
		r.sends(fd, netip.AddrPortFrom(all, 701), []byte("to all"))
		r.sends(fd, netip.AddrPortFrom(chipAddr, 701), []byte("to you"))
		r.sends(fd, netip.AddrPortFrom(group, 702), []byte("to some"))
		if got := r.take(1, 8+6); string(got[8:]) != "to all" {
			t.Errorf("%q", got)
		}
		if got := r.take(2, 8+6); string(got[8:]) != "to you" {
			t.Errorf("%q", got)
		}
		if got := r.take(3, 8+7); string(got[8:]) != "to some" {
			t.Errorf("%q", got)
		}
		must(t, r.peer.JoinGroup(fd, group, ""))
		r.setWord(3, snDPORT, 99)
		r.put(3, []byte("from one"))
		r.event(3, sendOK)
		if got, from := r.gets(fd); string(got) != "from one" || from != netip.AddrPortFrom(chipAddr, 702) {
			t.Errorf("%q from %v", got, from)
		}
	})
}

// What a DHCP client needs.
func TestBroadcastsBeforeThereIsAnAddress(t *testing.T) {
	bare(t, w5500.Config{}, func(r *rig) {
		r.write(0, shar, chipMAC[:]...)
		r.open(0, 2, 68)
		r.until(0, udp)
		fd := r.talker(67)
		all := netip.MustParseAddr("255.255.255.255")
		r.dest(0, netip.AddrPortFrom(all, 67))
		r.put(0, []byte("discover"))
		r.event(0, sendOK)
		got, from := r.gets(fd)
		if string(got) != "discover" || from != netip.MustParseAddrPort("0.0.0.0:68") {
			t.Errorf("%q from %v", got, from)
		}
		r.sends(fd, netip.AddrPortFrom(all, 68), []byte("offer"))
		if got := r.take(0, 8+5); !bytes.Equal(got, []byte("\x0a\x00\x00\x01\x00\x43\x00\x05offer")) {
			t.Errorf("received %q", got)
		}
		// Nobody answers for who has no address.
		r.dest(0, netip.AddrPortFrom(peerAddr, 67))
		r.put(0, []byte("renew"))
		r.event(0, timeout)

		// The socket stays when there is an address, and hears what is for it.
		r.address(chipNet)
		time.Sleep(10 * time.Millisecond)
		r.sends(fd, netip.AddrPortFrom(chipAddr, 68), []byte("ack"))
		if got := r.take(0, 8+3); string(got[8:]) != "ack" {
			t.Errorf("received %q", got)
		}
		r.put(0, []byte("renew"))
		r.event(0, sendOK)
		if got, from := r.gets(fd); string(got) != "renew" || from != netip.AddrPortFrom(chipAddr, 68) {
			t.Errorf("%q from %v", got, from)
		}
	})
}

func TestSendMACNeedsNoARP(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		hw, err := r.peerDev.HardwareAddr6()
		must(t, err)
		fd := r.talker(99)
		r.open(1, 2, 5353)
		r.dest(1, netip.AddrPortFrom(peerAddr, 99))
		r.write(regs(1), snDHAR, hw[:]...)
		r.write(txb(1), 0, []byte("abc")...)
		r.setWord(1, snTXWR, 3)
		r.command(1, sendMAC)
		r.event(1, sendOK)
		if got, from := r.gets(fd); string(got) != "abc" || from != netip.AddrPortFrom(chipAddr, 5353) {
			t.Errorf("%q from %v", got, from)
		}
	})
}
