package rtl8720dn_test

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/sim/radio"
	"github.com/netdev-go/netdev/sim/rtl8720dn"
)

func TestTheFirmwareHasTheVersionThatItIsGiven(t *testing.T) {
	inWorld(t, rtl8720dn.Config{Firmware: "2.1.2"}, func(w *world) {
		r := w.call(system, 0x01)
		if got := string(r.binary()); got != "2.1.2" {
			t.Errorf("version %q", got)
		}
		r.end()
		r = w.call(system, 0x02, uint8(0xA5))
		if got := r.u8(); got != 0xA5 {
			t.Errorf("ack of a5 = %#x", got)
		}
		w.clean()
	})
}

func TestTheMACIsTextWithoutALength(t *testing.T) {
	inWorld(t, rtl8720dn.Config{}, func(w *world) {
		r := w.call(drv, 0x08)
		if got := string(r.take(18)); got != "02:00:00:87:20:0d\x00" {
			t.Errorf("mac %q", got)
		}
		if got := r.i32(); got != 0 {
			t.Errorf("result %d", got)
		}
		r.end()
	})
	inWorld(t, rtl8720dn.Config{MAC: [6]byte{0, 1, 2, 3, 4, 0xAF}}, func(w *world) {
		r := w.call(adapter, 0x11, uint32(0))
		if got := string(r.binary()); got != "00:01:02:03:04:af\x00" {
			t.Errorf("mac of the adapter %q", got)
		}
	})
}

func TestJoiningHoldsTheChipAndTellsBeforeItReplies(t *testing.T) {
	inWorld(t, rtl8720dn.Config{JoinTime: 3 * time.Second}, func(w *world) {
		if r := w.i32(drv, 0x01, "testnet", some("password"), uint32(0x00400004), -1, uint32(0)); r != -1 {
			t.Errorf("before wifi_on: %d", r)
		}
		w.events = nil
		if r := w.i32(drv, 0x1B, uint32(1)); r != 0 {
			t.Errorf("wifi_on = %d", r)
		}
		if w.event().id != 0 || w.event().id != 2 {
			t.Error("wifi_on does not tell ready and start")
		}
		if r := w.i32(drv, 0x1B, uint32(1)); r != 1 {
			t.Errorf("a second wifi_on = %d, want 1", r)
		}
		if r := w.i32(drv, 0x04); r != -1 {
			t.Errorf("is_connected_to_ap = %d before", r)
		}
		begin := time.Now()
		joining := w.ask(drv, 0x01, "testnet", some("password"), uint32(0x00400004), -1, uint32(0))
		next := w.ask(system, 0x02, uint8(1)) // meanwhile
		r, ok := w.answer(joining, patience)
		if !ok || r.i32() != 0 || time.Since(begin) != 3*time.Second {
			t.Fatalf("joining: %v after %v", ok, time.Since(begin))
		}
		if _, ok := w.answer(next, 0); !ok {
			t.Error("what was asked meanwhile has no answer")
		}
		e := w.event()
		want := append([]byte{4, 0, 0, 0}, "testnet"...)
		if !bytes.HasPrefix(e.data, want) || len(e.data) != 48 || e.data[36] != 7 ||
			!bytes.Equal(e.data[37:43], home.BSSID[:]) || e.data[43] != 11 || binary.LittleEndian.Uint32(e.data[44:]) != 0x00400004 {
			t.Errorf("event % x", e.data)
		}
		if r := w.i32(drv, 0x04); r != 0 {
			t.Errorf("is_connected_to_ap = %d after", r)
		}
	})
}

func TestWhyJoiningFails(t *testing.T) {
	for name, c := range map[string]struct {
		ssid, passphrase string
		lastError        int
		reason           byte
	}{
		"no such network":    {"other", "password", 1, 201},
		"a wrong passphrase": {"testnet", "passw0rd", 3, 202},
		"a name too long":    {"a name of more than 32 bytes, which none has", "password", 2, 205},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, rtl8720dn.Config{}, func(w *world) {
				w.i32(drv, 0x1B, uint32(1))
				w.events = nil
				if r := w.i32(drv, 0x01, c.ssid, some(c.passphrase), uint32(0x00400004), -1, uint32(0)); r != -1 {
					t.Errorf("wifi_connect = %d", r)
				}
				if r := w.i32(drv, 0x31); r != c.lastError {
					t.Errorf("last_error = %d, want %d", r, c.lastError)
				}
				if len(c.ssid) <= 32 {
					if e := w.event(); e.id != 5 || e.data[43] != c.reason {
						t.Errorf("event % x, want reason %d", e.data, c.reason)
					}
				}
			})
		})
	}
}

func TestAnOpenNetworkNeedsNoPassphrase(t *testing.T) {
	inWorld(t, rtl8720dn.Config{}, func(w *world) {
		w.air.SetPassphrase("testnet", "")
		w.i32(drv, 0x1B, uint32(1))
		if r := w.i32(drv, 0x01, "testnet", null{}, uint32(0), -1, uint32(0)); r != 0 {
			t.Errorf("wifi_connect = %d", r)
		}
	})
}

func TestDHCPHoldsTheChipUntilThereIsALease(t *testing.T) {
	inWorld(t, rtl8720dn.Config{}, func(w *world) {
		if r := w.i32(adapter, 0x0D, uint32(0)); r != -1 {
			t.Errorf("without a link: %d", r)
		}
		w.join()
		r := w.call(adapter, 0x07, uint32(0))
		info := r.binary()
		if r.i32() != 0 || !bytes.Equal(info[:3], []byte{10, 0, 2}) || !bytes.Equal(info[4:], []byte{255, 255, 255, 0, 10, 0, 2, 1}) &&
			!bytes.Equal(info[4:], []byte{255, 255, 255, 0, 10, 0, 2, 2}) {
			t.Errorf("get_ip_info % d", info)
		}
		if want := w.peer.DeviceAddr(2).AsSlice(); !bytes.Equal(info[:4], want) {
			t.Errorf("address % d, want % d", info[:4], want)
		}
		r = w.call(adapter, 0x0A, uint32(0), uint32(0))
		if dns := r.binary(); !bytes.Equal(dns, w.board.DNSServers()[0].AsSlice()) {
			t.Errorf("get_dns % d", dns)
		}
		if r := w.i32(adapter, 0x0E, uint32(0)); r != 0 {
			t.Errorf("dhcpc_stop = %d", r)
		}
		if _, err := w.board.Addr(); err == nil {
			t.Error("an address after dhcpc_stop")
		}
		w.clean()
	})
}

func TestALeaseIsTold(t *testing.T) {
	inWorld(t, rtl8720dn.Config{}, func(w *world) {
		w.i32(drv, 0x1B, uint32(1))
		w.i32(drv, 0x01, "testnet", some("password"), uint32(0x00400004), -1, uint32(0))
		w.events = nil
		w.i32(adapter, 0x0D, uint32(0))
		if e := w.event(); e.id != 7 || !bytes.Equal(e.data[4:8], w.peer.DeviceAddr(2).AsSlice()) {
			t.Errorf("event % d", e.data)
		}
	})
}

func TestAStaticAddressIsTakenBeforeOrAfterJoining(t *testing.T) {
	static := []byte{10, 0, 2, 77, 255, 255, 255, 0, 10, 0, 2, 1}
	for _, first := range []bool{false, true} {
		inWorld(t, rtl8720dn.Config{}, func(w *world) {
			w.i32(drv, 0x1B, uint32(1))
			set := func() {
				if w.i32(adapter, 0x09, uint32(0), uint32(0), []byte{10, 0, 2, 3}) != 0 ||
					w.i32(adapter, 0x08, uint32(0), static) != 0 {
					t.Error("set_ip_info or set_dns fails")
				}
			}
			if first {
				set()
			}
			w.i32(drv, 0x01, "testnet", some("password"), uint32(0x00400004), -1, uint32(0))
			if !first {
				set()
			}
			if addr, err := w.board.Addr(); err != nil || addr != netip.MustParseAddr("10.0.2.77") {
				t.Errorf("Addr = %v, %v", addr, err)
			}
			r := w.call(adapter, 0x07, uint32(0))
			if got := r.binary(); !bytes.Equal(got, static) {
				t.Errorf("get_ip_info % d", got)
			}
			r = w.call(adapter, 0x0A, uint32(0), uint32(0))
			if got := r.binary(); !bytes.Equal(got, []byte{10, 0, 2, 3}) {
				t.Errorf("get_dns % d", got)
			}
			w.clean()
		})
	}
}

func TestALostAccessPointIsToldAndTakesTheSocketsWithIt(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		n, _ := w.connect()
		w.air.Drop("testnet")
		if e := w.event(); e.id != 5 || e.data[36] != 7 || e.data[43] != 0 {
			t.Errorf("event % x", e.data)
		}
		if r := w.i32(drv, 0x04); r != -1 {
			t.Errorf("is_connected_to_ap = %d", r)
		}
		if _, r := w.recv(n, 10, 0); r != -1 || w.errno() != 103 {
			t.Errorf("recv = %d, errno %d", r, w.errno())
		}
		if r := w.i32(drv, 0x01, "testnet", some("password"), uint32(0x00400004), -1, uint32(0)); r != -1 || w.i32(drv, 0x31) != 1 {
			t.Errorf("joining what is gone: %d", r)
		}
		w.air.Return("testnet")
		w.i32(lwip, 0x08, n)
		if r := w.i32(drv, 0x01, "testnet", some("password"), uint32(0x00400004), -1, uint32(0)); r != 0 {
			t.Errorf("joining what is back: %d", r)
		}
		if r := w.i32(adapter, 0x0D, uint32(0)); r != 0 {
			t.Errorf("dhcpc_start: %d", r)
		}
		w.connect()
		w.clean()
	})
}

func TestLeavingIsToldAndNeedsNoNetwork(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		if r := w.i32(drv, 0x03); r != 0 || w.event().id != 5 {
			t.Errorf("disconnect = %d", r)
		}
		if r := w.i32(drv, 0x03); r != 0 || len(w.events) != 0 {
			t.Errorf("a second one = %d, events %v", r, w.events)
		}
		if _, err := w.board.Addr(); err == nil {
			t.Error("the network is up")
		}
		if r := w.i32(drv, 0x1C); r != 0 || w.i32(drv, 0x1B, uint32(1)) != 0 {
			t.Errorf("off = %d", r)
		}
	})
}

func TestSignalAndChannelAreThoseOfTheAccessPoint(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		r := w.call(drv, 0x13)
		if rssi, ret := r.i32(), r.i32(); rssi != -48 || ret != 0 {
			t.Errorf("rssi %d, %d", rssi, ret)
		}
		r = w.call(drv, 0x15)
		if channel, ret := r.i32(), r.i32(); channel != 11 || ret != 0 {
			t.Errorf("channel %d, %d", channel, ret)
		}
		r = w.call(drv, 0x0F)
		if bssid := r.take(6); !bytes.Equal(bssid, home.BSSID[:]) || r.i32() != 0 {
			t.Errorf("bssid % x", bssid)
		}
		if w.i32(drv, 0x05, uint32(0)) != 1 || w.i32(drv, 0x06, uint32(0)) != 0 {
			t.Error("not up, or not ready")
		}
		w.i32(drv, 0x03)
		r = w.call(drv, 0x13)
		if r.i32(); r.i32() != -1 {
			t.Error("a signal strength of nothing")
		}
	})
}

func TestAScanEndsLaterAndIsTold(t *testing.T) {
	inWorld(t, rtl8720dn.Config{ScanTime: 2 * time.Second}, func(w *world) {
		if r := w.i32(drv, 0x40); r != -1 {
			t.Errorf("before wifi_on: %d", r)
		}
		w.i32(drv, 0x1B, uint32(1))
		w.events = nil
		if r := w.i32(drv, 0x40); r != 0 {
			t.Errorf("scan_start = %d", r)
		}
		r := w.call(drv, 0x41)
		if r.u8() != 1 || w.i32(drv, 0x40) != -1 {
			t.Error("it does not scan")
		}
		begin := time.Now()
		if e := w.event(); e.id != 1 || time.Since(begin) != 2*time.Second {
			t.Errorf("event %d after %v", e.id, time.Since(begin))
		}
		r = w.call(drv, 0x41)
		if r.u8() != 0 {
			t.Error("it still scans")
		}
		r = w.call(drv, 0x43)
		if n := r.u16(); n != 1 {
			t.Errorf("%d access points", n)
		}
		r = w.call(drv, 0x42, uint16(2))
		b := r.binary()
		if r.i32() != 0 || len(b) != 2*62 {
			t.Fatalf("%d bytes of records", len(b))
		}
		if b[0] != 7 || string(b[1:8]) != "testnet" || !bytes.Equal(b[34:40], home.BSSID[:]) ||
			int16(binary.LittleEndian.Uint16(b[40:])) != -48 || binary.LittleEndian.Uint32(b[46:]) != 0x00400004 ||
			binary.LittleEndian.Uint32(b[54:]) != 11 || binary.LittleEndian.Uint32(b[58:]) != 1 {
			t.Errorf("record % x", b[:62])
		}
		if !bytes.Equal(b[62:], make([]byte, 62)) {
			t.Errorf("a second record % x", b[62:])
		}
		r = w.call(drv, 0x42, uint16(51))
		if len(r.binary()) != 1 || r.i32() != -1 {
			t.Error("51 records")
		}
	})
}

func TestAnAccessPointOfItsOwnHasTheVendorsAddress(t *testing.T) {
	for _, c := range []struct {
		set  []byte
		want string
	}{{nil, "192.168.1.1"}, {[]byte{10, 9, 8, 1, 255, 255, 255, 0, 10, 9, 8, 1}, "10.9.8.1"}} {
		inWorld(t, rtl8720dn.Config{}, func(w *world) {
			w.i32(drv, 0x1B, uint32(2))
			w.events = nil
			if c.set != nil {
				w.i32(adapter, 0x08, uint32(0), c.set)
			}
			if r := w.i32(drv, 0x26, "mine", some("secret of mine"), uint32(0x00400004), 6); r != 0 {
				t.Fatalf("start_ap = %d", r)
			}
			if e := w.event(); e.id != 14 {
				t.Errorf("event %d", e.id)
			}
			if r := w.i32(adapter, 0x0B, uint32(0)); r != 0 {
				t.Errorf("dhcps_start = %d", r)
			}
			if addr, err := w.board.Addr(); err != nil || addr.String() != c.want {
				t.Errorf("Addr = %v, %v", addr, err)
			}
			r := w.call(adapter, 0x07, uint32(0))
			if got := r.binary(); netip.AddrFrom4([4]byte(got)).String() != c.want {
				t.Errorf("get_ip_info % d", got)
			}
			if r := w.i32(adapter, 0x0D, uint32(0)); r != -1 {
				t.Errorf("DHCP of an access point = %d", r)
			}
			w.clean()
		})
	}
}

func TestAnAccessPointThatCannotBeHoldsTheChip(t *testing.T) {
	inWorld(t, rtl8720dn.Config{}, func(w *world) {
		w.i32(drv, 0x1B, uint32(1)) // a station only
		begin := time.Now()
		r, ok := w.answer(w.ask(drv, 0x26, "mine", null{}, uint32(0), 6), time.Minute)
		if !ok || r.i32() != 2 || time.Since(begin) != 20*time.Second {
			t.Errorf("%v after %v", ok, time.Since(begin))
		}
	})
}

func TestEveryNetworkIsAnywhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, rtl8720dn.Config{})
		chip := rtl8720dn.New(rtl8720dn.Config{Network: w.board, BootTime: -1, BootNoise: []byte{}})
		defer chip.Stop()
		w.mcu = &mcu{tb: t, port: chip.Port()}
		chip.Enable(true)
		w.listening()
		w.i32(drv, 0x1B, uint32(1))
		if r := w.i32(drv, 0x01, "whatever", some("anything at all"), uint32(0x00400004), -1, uint32(0)); r != 0 {
			t.Errorf("wifi_connect = %d", r)
		}
		if w.event(); w.event().id != 2 {
			t.Error("no start")
		}
		if e := w.event(); string(e.data[4:12]) != "whatever" {
			t.Errorf("event % x", e.data)
		}
	})
	if radio.Anywhere().Scan()[0].SSID != "" {
		t.Error("Anywhere has a name")
	}
}

func TestRequestsThatChangeNothingSucceed(t *testing.T) {
	inWorld(t, rtl8720dn.Config{}, func(w *world) {
		for request, parameters := range map[byte]int{0x09: 0, 0x0A: 0, 0x0B: 0, 0x11: 4, 0x14: 4, 0x16: 1, 0x19: 0, 0x1F: 2, 0x2A: 4, 0x2E: 4, 0x2F: 1} {
			args := make([]any, parameters)
			for i := range args {
				args[i] = uint8(1)
			}
			if r := w.i32(drv, request, args...); r != 0 {
				t.Errorf("0e/%02x = %d", request, r)
			}
		}
		if w.i32(adapter, 0x0F, uint32(0), "a name that is ignored") != 0 || w.i32(adapter, 0x05, uint32(0)) != 0 ||
			w.i32(adapter, 0x04, uint32(0)) != 0 || w.i32(adapter, 0x06, uint32(0)) != 0 {
			t.Error("the adapter refuses")
		}
		w.clean()
	})
}
