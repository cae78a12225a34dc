//go:build !tinygo

package rtl8720dn_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	stdnet "net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	driver "github.com/netdev-go/netdev/drivers/rtl8720dn"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/boards"
	"github.com/netdev-go/netdev/sim/bus"
	"github.com/netdev-go/netdev/sim/radio"
	"github.com/netdev-go/netdev/sim/rtl8720dn"
)

// What the drivers of this chip that there were got wrong, by the number that
// each has in the list of their defects.

func TestDefect01_AcceptedConnectionsAreClosedEachTime(t *testing.T) {
	inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		l, at := w.server(4)
		for i := range 30 {
			far := w.dial(at)
			fd, _, err := w.Accept(l)
			w.must("Accept", err)
			w.must("Close", w.Close(fd))
			far.SetDeadline(soon())
			if n, err := far.Read(make([]byte, 1)); n != 0 || err != io.EOF {
				t.Fatalf("connection %d: Read at the peer = %d, %v, want io.EOF", i, n, err)
			}
			far.Close()
		}
		// Each of the chip's sockets but the listener's is free again.
		for range 7 {
			w.stream()
		}
	})
}

func TestDefect02_SendTellsWhatWasTakenAndAllOfItArrives(t *testing.T) {
	inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		fd, far := w.connect()
		out := make([]byte, 200_000)
		for i := range out {
			out[i] = byte(i * 7)
		}
		// The peer does not read: at some time nothing more is taken.
		n, err := w.Send(fd, out, 0, time.Now().Add(3*time.Second))
		if err != netdev.ErrTimeout || n == 0 || n == len(out) {
			t.Fatalf("Send = %d, %v, want a part and ErrTimeout", n, err)
		}
		w.must("Close", w.Close(fd))
		far.SetDeadline(soon())
		in, err := io.ReadAll(far)
		if err != nil || !bytes.Equal(in, out[:n]) {
			t.Errorf("%d were taken; the peer got %d, %v, the same: %v", n, len(in), err, bytes.HasPrefix(out, in))
		}
	})
}

func TestDefect03_ALostByteHoldsNobodyUp(t *testing.T) {
	for _, toChip := range []bool{true, false} {
		inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
			fd, far := w.connect()
			other := w.stream()
			reading := make(chan error, 1)
			go func() {
				_, err := w.Recv(fd, make([]byte, 100), 0, time.Time{})
				reading <- err
			}()
			time.Sleep(time.Second)
			lost := bus.Nth(11, bus.Lose)
			if toChip {
				w.chip.Inject(lost, nil)
			} else {
				w.chip.Inject(nil, lost)
			}
			w.within(5*time.Second, "another socket's Connect", func() {
				l, at := w.listen()
				defer l.Close()
				if err := w.Connect(other, "", at); err != nil && err != netdev.ErrConnAborted {
					t.Errorf("Connect = %v", err)
				}
			})
			w.within(time.Second, "the next Connect", func() { w.connect() })
			far.Write([]byte("x"))
			w.within(5*time.Second, "Recv", func() {
				if err := <-reading; err != nil && err != netdev.ErrConnReset {
					t.Errorf("Recv = %v", err)
				}
			})
		})
	}
}

func TestDefect04_DataWithAWrongCRCIsNotData(t *testing.T) {
	inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		fd, far := w.connect()
		flip := tap{change: func(f []byte) []byte {
			if is(f, lwip, lwipRecv) && bytes.Contains(f, []byte("AAAAA")) {
				f[18] ^= 0x10
			}
			return f
		}}
		w.chip.Inject(nil, flip.inject)
		far.Write(bytes.Repeat([]byte("A"), 100))
		buf := make([]byte, 100)
		n, err := w.Recv(fd, buf, 0, soon())
		if n != 0 || err != netdev.ErrConnReset {
			t.Errorf("Recv = %d, %v, %q, want ErrConnReset", n, err, buf[:n])
		}
	})
}

// Messages come in that are no reply to the call, or none that there is room for.
func TestDefect05_OnlyTheReplyToTheCallIsItsReply(t *testing.T) {
	junk := binary.LittleEndian.AppendUint32(nil, 5)
	junk = append(junk, "wrong"...)
	junk = binary.LittleEndian.AppendUint32(junk, 5)
	const reply, invocation = 2, 0
	rogues := map[string]func(f []byte) []byte{
		"another number":  func(f []byte) []byte { return frame(reply, f[5], f[6], sequence(f)-1, junk...) },
		"another service": func(f []byte) []byte { return frame(reply, f[5], f[6]+1, sequence(f), junk...) },
		"another request": func(f []byte) []byte { return frame(reply, f[5]+1, f[6], sequence(f), junk...) },
		"an invocation":   func(f []byte) []byte { return frame(invocation, f[5], f[6], sequence(f), junk...) },
		"a short message": func(f []byte) []byte { return frame(reply, f[5], f[6], sequence(f)-1)[:4] },
	}
	for name, rogue := range rogues {
		t.Run(name, func(t *testing.T) {
			inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
				fd, far := w.connect()
				once := false
				insert := tap{change: func(f []byte) []byte {
					if !once && is(f, lwip, lwipRecv) && bytes.Contains(f, []byte("right")) {
						once = true
						return append(rogue(f), f...)
					}
					return f
				}}
				w.chip.Inject(nil, insert.inject)
				far.Write([]byte("right"))
				buf := make([]byte, 100)
				n, err := w.Recv(fd, buf, 0, soon())
				if string(buf[:n]) != "right" && !(n == 0 && err == netdev.ErrConnReset) {
					t.Errorf("Recv = %q, %v", buf[:n], err)
				}
				if !once {
					t.Error("nothing was inserted")
				}
			})
		})
	}
}

func TestDefect05_AReplyThatIsTooLongIsAnError(t *testing.T) {
	inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		fd, far := w.connect()
		long := tap{change: func(f []byte) []byte {
			if is(f, lwip, lwipRecv) && bytes.Contains(f, []byte("hello")) {
				return frame(2, f[5], f[6], sequence(f), make([]byte, 3000)...)
			}
			return f
		}}
		w.chip.Inject(nil, long.inject)
		far.Write([]byte("hello"))
		if n, err := w.Recv(fd, make([]byte, 100), 0, soon()); n != 0 || err != netdev.ErrConnReset {
			t.Errorf("Recv = %d, %v", n, err)
		}
		w.connect()
	})
}

func TestDefect06_TLSIsRefused(t *testing.T) {
	inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		sent := w.Stats().Sent
		fd, err := w.Socket(netdev.AF_INET, netdev.SOCK_STREAM, netdev.IPPROTO_TLS)
		if fd != -1 || err != netdev.ErrProtocolNotSupported {
			t.Errorf("Socket = %d, %v, want ErrProtocolNotSupported", fd, err)
		}
		if n := w.Stats().Sent - sent; n != 0 {
			t.Errorf("%d bytes went to the chip", n)
		}
		if _, ok := netdev.As[netdev.TLSConfigurer](w.Device); ok {
			t.Error("the device says that it can do TLS")
		}
	})
}

func TestDefect07_AnUnknownNameIsUnknown(t *testing.T) {
	inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		if a, err := w.GetHostByName(w.peer.UnknownHost()); !errors.Is(err, netdev.ErrHostUnknown) || a.IsValid() {
			t.Errorf("GetHostByName of an unknown name = %v, %v", a, err)
		}
		if a, err := w.GetHostByName("peer.netdev"); err != nil || a != w.peerAddr() {
			t.Errorf("GetHostByName of the peer = %v, %v", a, err)
		}
	})
}

func TestDefect08_TheHardwareAddressIsTheChips(t *testing.T) {
	unjoined(t, boards.Config{}, func(cc *rtl8720dn.Config, _ *driver.Config) {
		cc.MAC = [6]byte{0x2C, 0xF7, 0xF1, 0x0A, 0xBC, 0xDE}
	}, func(t *testing.T, w *world) {
		mac, err := w.GetHardwareAddr()
		if err != nil || mac.String() != "2c:f7:f1:0a:bc:de" {
			t.Errorf("GetHardwareAddr = %v, %v", mac, err)
		}
	})
}

func TestDefect09_RecvTellsAResetFromNoData(t *testing.T) {
	inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		fd, far := w.connect()
		if n, err := w.Recv(fd, make([]byte, 1), 0, time.Now().Add(time.Second)); n != 0 || err != netdev.ErrTimeout {
			t.Errorf("Recv of nothing = %d, %v, want ErrTimeout", n, err)
		}
		time.AfterFunc(time.Second, func() {
			far.(interface{ SetLinger(int) error }).SetLinger(0)
			far.Close()
		})
		if n, err := w.Recv(fd, make([]byte, 1), 0, soon()); n != 0 || err != netdev.ErrConnReset {
			t.Errorf("Recv after a reset = %d, %v, want ErrConnReset", n, err)
		}
	})
}

func TestDefect09_CloseWakesRecv(t *testing.T) {
	inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		fd, _ := w.connect()
		time.AfterFunc(time.Second, func() { w.Close(fd) })
		w.within(2*time.Second, "Recv", func() {
			if n, err := w.Recv(fd, make([]byte, 1), 0, time.Time{}); n != 0 || !errors.Is(err, stdnet.ErrClosed) {
				t.Errorf("Recv = %d, %v, want ErrClosed", n, err)
			}
		})
	})
}

func TestDefect10_AnUnknownDescriptorIsAnError(t *testing.T) {
	inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		closed := w.stream()
		w.must("Close", w.Close(closed))
		var now time.Time
		for _, fd := range []int{-1, closed, 99, 1 << 30} {
			_, _, accept := w.Accept(fd)
			_, send := w.Send(fd, []byte("x"), 0, now)
			_, recv := w.Recv(fd, make([]byte, 1), 0, now)
			for i, err := range []error{
				w.Bind(fd, netip.AddrPort{}), w.Connect(fd, "", netip.AddrPortFrom(w.peerAddr(), 7)), w.Listen(fd, 1),
				accept, send, recv, w.Close(fd), w.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_KEEPALIVE, true),
				w.Shutdown(fd, netdev.SHUT_WR), w.JoinGroup(fd, netip.MustParseAddr("224.0.0.99"), ""),
			} {
				if err != netdev.ErrInvalidSocketFd {
					t.Errorf("call %d of descriptor %d: %v, want ErrInvalidSocketFd", i, fd, err)
				}
			}
		}
	})
}

func TestDefect10_NoConnectionIsDroppedByAccept(t *testing.T) {
	inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		l, at := w.server(6)
		const peers = 5
		var calls sync.WaitGroup
		for i := range peers {
			far := w.dial(at)
			calls.Go(func() {
				far.SetDeadline(soon())
				far.Write([]byte{byte(i)})
				var b [1]byte
				if _, err := io.ReadFull(far, b[:]); err != nil || b[0] != byte(i) {
					t.Errorf("peer %d read %d, %v", i, b[0], err)
				}
			})
		}
		for range peers {
			fd, _, err := w.Accept(l)
			w.must("Accept", err)
			calls.Go(func() {
				var b [1]byte
				if _, err := w.Recv(fd, b[:], 0, soon()); err != nil {
					t.Error("Recv: ", err)
				}
				if _, err := w.Send(fd, b[:], 0, soon()); err != nil {
					t.Error("Send: ", err)
				}
			})
		}
		calls.Wait()
	})
}

func TestDefect11_IPv4InIPv6IsTheSameAddress(t *testing.T) {
	inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		l, at := w.listen()
		fd := w.stream()
		mapped := netip.AddrPortFrom(netip.AddrFrom16(at.Addr().As16()), at.Port())
		w.must("Connect", w.Connect(fd, "", mapped))
		far, err := l.Accept()
		w.must("Accept", err)
		defer far.Close()
		if name, err := w.GetPeerName(fd); err != nil || name != at {
			t.Errorf("GetPeerName = %v, %v, want %v", name, err, at)
		}
	})
}

func TestDefect11_ThePeersAddressIsAskedForAgain(t *testing.T) {
	for names, known := range map[rtl8720dn.Names]int{
		rtl8720dn.NamesHeap: 8, rtl8720dn.NamesTrue: 8, rtl8720dn.NamesByLot: 6, rtl8720dn.NamesZero: 0,
	} {
		inWorld(t, boards.Config{}, func(cc *rtl8720dn.Config, _ *driver.Config) { cc.Names = names }, func(t *testing.T, w *world) {
			l, at := w.server(4)
			right := 0
			for range 8 {
				far := w.dial(at)
				fd, peer, err := w.Accept(l)
				w.must("Accept", err)
				switch peer {
				case netip.MustParseAddrPort(far.LocalAddr().String()):
					right++
				case netip.MustParseAddrPort("0.0.0.0:0"): // unknown
				default:
					t.Errorf("Accept tells %v of %v", peer, far.LocalAddr())
				}
				// It works, known or not.
				w.must("Shutdown", w.Shutdown(fd, netdev.SHUT_WR))
				far.SetDeadline(soon())
				if _, err := far.Read(make([]byte, 1)); err != io.EOF {
					t.Errorf("Read at the peer: %v", err)
				}
				w.Close(fd)
				far.Close()
			}
			if right < known || known == 0 && right > 0 {
				t.Errorf("%v: %d of 8 addresses", names, right)
			}
		})
	}
}

func TestDefect12_ADatagramSocketDoesNotListen(t *testing.T) {
	inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		fd, err := w.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)
		w.must("Socket", err)
		w.must("Bind", w.Bind(fd, netip.AddrPortFrom(netip.IPv4Unspecified(), 9000)))
		if err := w.Listen(fd, 1); err != netdev.ErrNotSupported {
			t.Errorf("Listen = %v", err)
		}
		// It receives all the same.
		pc, err := w.peer.ListenPacket(t.Context(), "udp", netip.AddrPortFrom(w.peerAddr(), w.peer.FreePort()).String())
		w.must("ListenPacket", err)
		defer pc.Close()
		addr, _ := w.Addr()
		pc.WriteTo([]byte("to you"), stdnet.UDPAddrFromAddrPort(netip.AddrPortFrom(addr, 9000)))
		buf := make([]byte, 100)
		n, from, err := w.RecvFrom(fd, buf, 0, soon())
		if err != nil || string(buf[:n]) != "to you" || from.String() != pc.LocalAddr().String() {
			t.Errorf("RecvFrom = %q from %v, %v", buf[:n], from, err)
		}
	})
}

func TestDefect12_OptionsReachTheChipByItsNumbers(t *testing.T) {
	inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		fd, _ := w.connect()
		var got [][3]uint32 // level, option, value
		listen := tap{change: func(f []byte) []byte {
			if is(f, lwip, lwipOption) {
				v := values(f)
				le := binary.LittleEndian
				got = append(got, [3]uint32{le.Uint32(v[4:]), le.Uint32(v[8:]), le.Uint32(v[16:])})
			}
			return f
		}}
		w.chip.Inject(listen.inject, nil)
		w.must("SO_KEEPALIVE", w.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_KEEPALIVE, true))
		w.must("TCP_NODELAY", w.SetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_NODELAY, true))
		w.must("TCP_KEEPIDLE", w.SetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_KEEPIDLE, 30))
		w.must("TCP_KEEPINTVL", w.SetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_KEEPINTVL, 5))
		w.must("TCP_KEEPCNT", w.SetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_KEEPCNT, 3))
		want := [][3]uint32{{0xFFF, 8, 1}, {6, 1, 1}, {6, 3, 30}, {6, 4, 5}, {6, 5, 3}}
		if !slices.Equal(got, want) {
			t.Errorf("the chip was told %v, want %v", got, want)
		}
		if err := w.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_REUSEPORT, true); err != netdev.ErrNotSupported {
			t.Errorf("SO_REUSEPORT: %v", err)
		}
	})
}

func TestDefect12_NotifyMayCallTheDevice(t *testing.T) {
	inWorld(t, boards.Config{}, nil, func(t *testing.T, w *world) {
		told := make(chan netlink.Event, 4)
		w.NetNotify(func(e netlink.Event) {
			w.Addr()
			w.NetDisconnect()
			told <- e
		})
		w.within(10*time.Second, "losing the access point", func() {
			w.board.Air.Drop("")
			if e := <-told; e != netlink.EventNetDown {
				t.Errorf("told %v", e)
			}
		})
		if _, err := w.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0); err != netdev.ErrNetDown {
			t.Errorf("Socket = %v, want ErrNetDown", err)
		}
	})
}

func TestDefect12_AttemptsWithoutEndHavePauses(t *testing.T) {
	air := radio.New(radio.AccessPoint{SSID: "home"})
	unjoined(t, boards.Config{Air: air}, func(cc *rtl8720dn.Config, _ *driver.Config) { cc.JoinTime = time.Millisecond },
		func(t *testing.T, w *world) {
			done := make(chan error, 1)
			go func() { done <- w.NetConnect(&netlink.ConnectParams{Ssid: "office"}) }()
			time.Sleep(time.Minute)
			if n := w.chip.Stats().Requests; n > 100 {
				t.Errorf("%d requests in a minute", n)
			}
			w.within(time.Second, "NetDisconnect", w.NetDisconnect)
			synctest.Wait()
			if err := <-done; err != netlink.ErrConnectFailed {
				t.Errorf("NetConnect = %v", err)
			}
		})
}
