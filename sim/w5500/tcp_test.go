package w5500_test

import (
	"bytes"
	"io"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/w5500"
)

func TestAConnectionCarriesBytesBothWays(t *testing.T) {
	for seed := range uint64(8) {
		run(t, w5500.Config{Seed: seed}, func(r *rig) {
			fd := r.dial(1)
			r.put(1, []byte("hello"))
			if got := r.hears(fd, 5); string(got) != "hello" {
				t.Errorf("the peer hears %q", got)
			}
			r.event(1, sendOK)
			r.says(fd, someBytes)
			if got := r.take(1, len(someBytes)); !bytes.Equal(got, someBytes) {
				t.Error("the chip has received other bytes")
			}
		})
	}
}

func TestPointersWrapAt64K(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		fd := r.dial(0)
		for range 48 {
			r.put(0, someBytes[:2048])
			if got := r.hears(fd, 2048); !bytes.Equal(got, someBytes[:2048]) {
				t.Fatal("the peer hears other bytes")
			}
			r.event(0, sendOK)
			r.says(fd, someBytes[:2048])
			if got := r.take(0, 2048); !bytes.Equal(got, someBytes[:2048]) {
				t.Fatal("the chip has received other bytes")
			}
		}
	})
}

func TestARefusedConnectIsClosedWithoutTimeout(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		r.open(1, 1, 5000)
		r.dest(1, netip.AddrPortFrom(peerAddr, 81))
		r.command(1, connect)
		r.until(1, closed)
		if got := r.reg(1, snIR); got != disconnected {
			t.Errorf("Sn_IR is %02X", got)
		}
	})
}

func TestConnectToNobodyEndsInTimeout(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		r.open(1, 1, 5000)
		r.dest(1, netip.AddrPortFrom(nobody, 80))
		r.write(regs(1), snDHAR, 255, 255, 255, 255, 255, 255)
		begin := time.Now()
		r.command(1, connect)
		if got := r.reg(1, snSR); got != synSent {
			t.Errorf("meanwhile the state is %02X", got)
		}
		r.until(1, closed)
		if d := time.Since(begin).Round(10 * time.Millisecond); r.reg(1, snIR) != timeout || d != 1800*time.Millisecond {
			t.Errorf("Sn_IR is %02X after %v", r.reg(1, snIR), d)
		}
		if got := r.read(regs(1), snDHAR, 6); got[0] != 0xFF {
			t.Errorf("nobody's hardware address is % X", got)
		}
	})
}

// The peer's port is there, but its cable is not.
func TestConnectToASilentHostEndsWhenRTRAndRCRSay(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		r.dial(0) // so that its hardware address is known
		r.write(0, 0x19, 0x03, 0xE8)
		r.write(0, 0x1B, 2)
		r.open(1, 1, 5001)
		r.dest(1, netip.AddrPortFrom(peerAddr, 80))
		r.Plug(false)
		r.write(regs(1), snDHAR, 255, 255, 255, 255, 255, 255)
		begin := time.Now()
		r.command(1, connect)
		r.until(1, closed)
		hw, err := r.peerDev.HardwareAddr6()
		must(t, err)
		if got := r.read(regs(1), snDHAR, 6); [6]byte(got) != hw {
			t.Errorf("the silent host's hardware address is % X", got)
		}
		// 100 + 200 + 400 ms
		if d := time.Since(begin).Round(time.Millisecond); r.reg(1, snIR) != timeout || d != 700*time.Millisecond {
			t.Errorf("Sn_IR %02X after %v", r.reg(1, snIR), d)
		}
	})
}

func TestPeersFINIsCloseWaitAndSendingGoesOn(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		fd := r.dial(1)
		r.says(fd, []byte("last words"))
		must(t, r.peer.Shutdown(fd, netdev.SHUT_WR))
		r.until(1, closeWait)
		r.event(1, disconnected)
		r.put(1, []byte("still here"))
		if got := r.hears(fd, 10); string(got) != "still here" {
			t.Errorf("the peer hears %q", got)
		}
		if got := r.take(1, 10); string(got) != "last words" {
			t.Errorf("%q came before the FIN", got)
		}
		r.Plug(false) // for the FIN not to be acknowledged yet
		r.command(1, discon)
		if got := r.reg(1, snSR); got != lastAck {
			t.Errorf("after DISCON the state is %02X", got)
		}
		r.Plug(true)
		if _, err := r.peer.Recv(fd, make([]byte, 1), 0, soon()); err != io.EOF {
			t.Errorf("the peer gets %v", err)
		}
		r.until(1, closed)
		r.event(1, disconnected)
	})
}

func TestDisconSendsWhatWasSentAndAFIN(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		fd := r.dial(1)
		r.put(1, someBytes[:2048])
		r.command(1, discon)
		if got := r.reg(1, snSR); got != finWait {
			t.Errorf("after DISCON the state is %02X", got)
		}
		if got := r.hears(fd, 2048); !bytes.Equal(got, someBytes[:2048]) {
			t.Error("the peer hears other bytes")
		}
		if _, err := r.peer.Recv(fd, make([]byte, 1), 0, soon()); err != io.EOF {
			t.Errorf("the peer gets %v", err)
		}
		time.Sleep(time.Minute)
		r.until(1, finWait) // for as long as the peer wants
		must(t, r.peer.Close(fd))
		r.until(1, timeWait)
		r.until(1, closed)
	})
}

func TestCloseDropsTheConnectionWithoutAFIN(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		fd := r.dial(1)
		r.put(1, []byte("hello"))
		r.event(1, sendOK)
		r.command(1, closeCmd)
		if got := r.reg(1, snSR); got != closed {
			t.Errorf("after CLOSE the state is %02X", got)
		}
		if got := r.hears(fd, 5); string(got) != "hello" {
			t.Errorf("the peer hears %q", got)
		}
		if _, err := r.peer.Recv(fd, make([]byte, 1), 0, soon()); err != netdev.ErrConnReset {
			t.Errorf("the peer gets %v", err)
		}
	})
}

func TestAResetClosesAndRaisesDiscon(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		fd := r.dial(1)
		r.says(fd, []byte("abc"))
		r.event(1, received)
		must(t, r.peer.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_LINGER, 0))
		must(t, r.peer.Close(fd))
		r.until(1, closed)
		r.event(1, disconnected)
		if got := r.steady(1, snRSR); got != 3 {
			t.Errorf("%d bytes are there still", got)
		}
	})
}

func TestSendOKWaitsForThePeersAcknowledgement(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		r.dial(1)
		r.Plug(false)
		r.put(1, []byte("hello"))
		time.Sleep(time.Second)
		if ir, free := r.reg(1, snIR), r.steady(1, snFSR); ir&sendOK != 0 || free != 2043 {
			t.Errorf("nobody has it: Sn_IR %02X, %d bytes free", ir, free)
		}
		r.Plug(true)
		r.event(1, sendOK)
		if free := r.steady(1, snFSR); free != 2048 {
			t.Errorf("acknowledged: %d bytes free", free)
		}
	})
}

func TestAPeerThatIsGoneEndsInTimeout(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		r.dial(1)
		r.write(0, 0x1B, 1)
		r.command(1, closeCmd)
		r.dial2(2)
		must(t, r.peerDev.Close())
		r.put(2, []byte("hello"))
		r.until(2, closed)
		r.event(2, timeout)
	})
}

// dial2 is dial from another port.
func (r *rig) dial2(n int) int {
	r.Helper()
	l := r.serve(8000)
	r.open(n, 1, 0x1389)
	r.dest(n, netip.AddrPortFrom(peerAddr, 8000))
	r.command(n, connect)
	r.until(n, established)
	r.event(n, con)
	fd, _, err := r.peer.Accept(l)
	must(r.TB, err)
	return fd
}

func TestWhatDoesNotFitStaysWithThePeer(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		fd := r.dial(1)
		go r.peer.Send(fd, bytes.Repeat(someBytes, 4), 0, soon())
		time.Sleep(time.Second)
		if got := r.steady(1, snRSR); got != 2048 {
			t.Errorf("%d bytes are in a buffer of 2048", got)
		}
		if got := r.take(1, 4*len(someBytes)); !bytes.Equal(got, bytes.Repeat(someBytes, 4)) {
			t.Error("the chip has received other bytes")
		}
	})
}

// Read once, a size can have the high half of one value and the low one of another.
func TestSizesTearWhenReadOnce(t *testing.T) {
	torn := false
	for seed := uint64(0); seed < 400 && !torn; seed++ {
		run(t, w5500.Config{Seed: seed}, func(r *rig) {
			fd := r.dial(1)
			r.says(fd, someBytes[:300])
			for {
				once := r.word(1, snRSR)
				if once == 300 {
					return
				}
				if again := r.word(1, snRSR); again == 300 && once > 0 && once&0xFF == 300&0xFF && once < 256 {
					torn = true
					return
				}
			}
		})
	}
	if !torn {
		t.Error("no read was torn")
	}
}

func TestASocketInListenBecomesTheConnection(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		r.open(3, 1, 80)
		r.command(3, listen)
		r.until(3, listening)
		fd := r.call(80)
		r.until(3, established)
		r.event(3, con)
		name, err := r.peer.GetSockName(fd)
		must(t, err)
		got := netip.AddrPortFrom(netip.AddrFrom4([4]byte(r.read(regs(3), snDIPR, 4))), r.word(3, snDPORT))
		if got != name {
			t.Errorf("Sn_DIPR and Sn_DPORT are %v, the peer is %v", got, name)
		}
		// There is no backlog.
		if err := r.tryCall(80); err != netdev.ErrConnRefused {
			t.Errorf("a second one gets %v", err)
		}
		r.open(4, 1, 80)
		r.command(4, listen)
		second := r.call(80)
		r.until(4, established)
		r.says(second, []byte("two"))
		r.says(fd, []byte("one"))
		if a, b := r.take(3, 3), r.take(4, 3); string(a) != "one" || string(b) != "two" {
			t.Errorf("received %q and %q", a, b)
		}
	})
}

func TestASYNIsAnsweredInSYNRECV(t *testing.T) {
	run(t, w5500.Config{Latency: 5 * time.Millisecond}, func(r *rig) {
		r.open(0, 1, 80)
		r.command(0, listen)
		r.call(80)
		if got := r.reg(0, snSR); got != 0x16 || r.reg(0, snIR) != 0 {
			t.Errorf("the state is %02X, Sn_IR %02X", got, r.reg(0, snIR))
		}
		r.until(0, established)
		r.event(0, con)
	})
}

func TestSeveralSocketsMayListenOnOnePort(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		for n := range 3 {
			r.open(n, 1, 80)
			r.command(n, listen)
		}
		r.command(1, closeCmd)
		r.call(80)
		r.call(80)
		r.until(0, established)
		r.until(2, established)
		if err := r.tryCall(80); err != netdev.ErrConnRefused {
			t.Errorf("a third one gets %v", err)
		}
	})
}

func TestAConnectionThatEndsBeforeItIsServedIsCloseWaitAndNotListen(t *testing.T) {
	run(t, w5500.Config{}, func(r *rig) {
		r.open(0, 1, 80)
		r.command(0, listen)
		fd := r.call(80)
		must(t, r.peer.Close(fd))
		r.until(0, closeWait)
		if err := r.tryCall(80); err != netdev.ErrConnRefused {
			t.Errorf("the next one gets %v", err)
		}
	})
}

func (r *rig) call(port uint16) int {
	r.Helper()
	fd, err := r.peer.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
	must(r.TB, err)
	must(r.TB, r.peer.Connect(fd, "", netip.AddrPortFrom(chipAddr, port)))
	time.Sleep(time.Millisecond)
	return fd
}

func (r *rig) tryCall(port uint16) error {
	fd, err := r.peer.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
	must(r.TB, err)
	defer r.peer.Close(fd)
	return r.peer.Connect(fd, "", netip.AddrPortFrom(chipAddr, port))
}

func TestWhatWouldHurtIsCounted(t *testing.T) {
	for name, f := range map[string]func(r *rig){
		"RECV of more than there is": func(r *rig) {
			fd := r.dial(1)
			r.says(fd, []byte("abc"))
			r.event(1, received)
			r.setWord(1, snRXRD, r.word(1, snRXRD)+4)
			r.command(1, recv)
		},
		"SEND of more than fits": func(r *rig) {
			r.dial(1)
			r.setWord(1, snTXWR, r.word(1, snTXWR)+2049)
			r.command(1, send)
		},
		"a raw frame that is too short": func(r *rig) {
			r.open(0, 4, 0)
			r.put(0, make([]byte, 13))
			r.event(0, sendOK)
		},
		"CONNECT from port 0": func(r *rig) {
			r.open(1, 1, 0)
			r.dest(1, netip.AddrPortFrom(peerAddr, 80))
			r.command(1, connect)
			r.until(1, closed)
			r.event(1, timeout)
		},
	} {
		t.Run(name, func(t *testing.T) {
			bare(t, w5500.Config{}, func(r *rig) {
				r.address(chipNet)
				f(r)
				if got := r.Stats().Abuse; got != 1 {
					t.Errorf("%d abuses are counted", got)
				}
			})
		})
	}
}

func TestKeepAliveFindsAPeerThatIsGone(t *testing.T) {
	for name, f := range map[string]func(r *rig){
		"KPALVTR":   func(r *rig) {},
		"SEND_KEEP": func(r *rig) { r.command(1, 0x22) },
	} {
		t.Run(name, func(t *testing.T) {
			run(t, w5500.Config{}, func(r *rig) {
				r.write(0, 0x1B, 3)
				if name == "KPALVTR" {
					r.write(regs(1), snKeep, 1)
				}
				r.dial(1)
				time.Sleep(20 * time.Second)
				r.until(1, established)
				f(r)
				must(t, r.peerDev.Close())
				r.until(1, closed)
				r.event(1, timeout)
			})
		})
	}
}
