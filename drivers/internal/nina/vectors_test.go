package nina_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/netdev-go/netdev/drivers/internal/nina"
)

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var (
	loopback  = [4]byte{127, 0, 0, 1}
	helloNINA = []byte("hello nina")
	bsdHello  = []byte("bsd hello")
	buf       [64]byte
)

// Exchanges as the vendor's firmware answers them.
var vectors = []struct {
	name           string
	begin          func(p *nina.Port)
	command, reply string
	err            error
	check          func(r *nina.Reply) bool
}{
	{
		name: "join",
		begin: func(p *nina.Port) {
			q := p.Begin(nina.SetPassphrase)
			q.Text("testnet")
			q.Text("password")
		},
		command: "E0 11 02 07 746573746E6574 08 70617373776F7264 EE FF FF FF", reply: "E0 91 01 01 01 EE 00 00",
		check: func(r *nina.Reply) bool { return r.Byte(0) == 1 },
	},
	{
		name:    "address",
		begin:   func(p *nina.Port) { p.Begin(nina.GetIP).Byte(0xFF) },
		command: "E0 21 01 01 FF EE FF FF", reply: "E0 A1 03 04 0A 00 00 05 04 FF FF FF 00 04 0A 00 00 01 EE 00",
		check: func(r *nina.Reply) bool {
			return r.Addr(0) == [4]byte{10, 0, 0, 5} && r.Addr(1) == [4]byte{255, 255, 255, 0} && r.Addr(2) == [4]byte{10, 0, 0, 1}
		},
	},
	{
		name:    "hardware address",
		begin:   func(p *nina.Port) { p.Begin(nina.GetMAC).Byte(0xFF) },
		command: "E0 22 01 01 FF EE FF FF", reply: "E0 A2 01 06 56 34 12 C4 0A 24 EE 00",
		check: func(r *nina.Reply) bool { return bytes.Equal(r.Param(0), []byte{0x56, 0x34, 0x12, 0xC4, 0x0A, 0x24}) },
	},
	{
		name:    "free slot",
		begin:   func(p *nina.Port) { p.Begin(nina.FreeSlot) },
		command: "E0 3F 00 EE", reply: "E0 BF 01 01 00 EE 00 00",
		check: func(r *nina.Reply) bool { return r.Params() == 1 && r.Byte(0) == 0 },
	},
	{
		name:    "connect a slot",
		begin:   startClient,
		command: "E0 2D 04 04 7F 00 00 01 02 8D D7 01 00 01 00 EE", reply: "E0 AD 01 01 01 EE 00 00",
		check: func(r *nina.Reply) bool { return r.Params() == 1 && r.Byte(0) == 1 },
	},
	{
		name:    "connect a slot in vain",
		begin:   startClient,
		command: "E0 2D 04 04 7F 00 00 01 02 8D D7 01 00 01 00 EE", reply: "E0 AD 00 EE",
		check: func(r *nina.Reply) bool { return r.Params() == 0 && r.Byte(0) == 0 },
	},
	{
		name: "write",
		begin: func(p *nina.Port) {
			q := p.Begin(nina.WriteClient)
			q.Byte(0)
			q.Data(helloNINA)
		},
		command: "E0 44 02 00 01 00 00 0A 68 65 6C 6C 6F 20 6E 69 6E 61 EE FF", reply: "E0 C4 01 02 0A 00 EE 00",
		check: func(r *nina.Reply) bool { return r.Little(0) == 10 },
	},
	{
		name:    "available",
		begin:   func(p *nina.Port) { p.Begin(nina.Available).Byte(0) },
		command: "E0 2B 01 01 00 EE FF FF", reply: "E0 AB 01 02 0A 00 EE 00",
		check: func(r *nina.Reply) bool { return r.Little(0) == 10 },
	},
	{
		name: "read",
		begin: func(p *nina.Port) {
			q := p.Begin(nina.ReadClient)
			q.Byte(0)
			q.Size(100)
			q.Into(buf[:])
		},
		command: "E0 45 02 00 01 00 00 02 64 00 EE FF", reply: "E0 C5 01 00 0A 48 45 4C 4C 4F 20 4E 49 4E 41 EE",
		check: func(r *nina.Reply) bool { return r.Len() == 10 && string(buf[:10]) == "HELLO NINA" },
	},
	{
		name:    "remote address",
		begin:   func(p *nina.Port) { p.Begin(nina.RemoteAddr).Byte(0) },
		command: "E0 3A 01 01 00 EE FF FF", reply: "E0 BA 02 04 7F 00 00 01 02 8D D7 EE",
		check: func(r *nina.Reply) bool { return r.Addr(0) == loopback && r.Big(1) == 36311 },
	},
	{
		name: "socket",
		begin: func(p *nina.Port) {
			q := p.Begin(nina.Socket)
			q.Byte(1)
			q.Byte(6)
		},
		command: "E0 70 02 01 01 01 06 EE", reply: "E0 F0 01 01 36 EE 00 00",
		check: func(r *nina.Reply) bool { return r.Byte(0) == 54 },
	},
	{
		name:    "connect",
		begin:   connect,
		command: "E0 76 03 01 36 04 7F 00 00 01 02 8D D7 EE FF FF", reply: "E0 F6 01 01 01 EE 00 00",
		check: func(r *nina.Reply) bool { return r.Byte(0) == 1 },
	},
	{
		name:    "connect in vain",
		begin:   connect,
		command: "E0 76 03 01 36 04 7F 00 00 01 02 8D D7 EE FF FF", reply: "E0 F6 01 01 00 EE 00 00",
		check: func(r *nina.Reply) bool { return r.Params() == 1 && r.Byte(0) == 0 },
	},
	{
		name: "do not block",
		begin: func(p *nina.Port) {
			q := p.Begin(nina.Ioctl)
			q.Byte(54)
			q.Uint32(0x8004667E)
			q.Uint32(1)
		},
		command: "E0 7B 03 01 36 04 7E 66 04 80 04 01 00 00 00 EE", reply: "E0 FB 01 04 01 00 00 00 EE 00 00 00",
		check: func(r *nina.Reply) bool { return r.Uint32(0) == 1 },
	},
	{
		name:    "receive nothing",
		begin:   receive,
		command: "E0 78 02 01 36 02 40 00 EE FF FF FF", reply: "E0 F8 01 00 00 EE 00 00",
		check: func(r *nina.Reply) bool { return r.Params() == 1 && r.Len() == 0 },
	},
	{
		name:    "errno",
		begin:   func(p *nina.Port) { p.Begin(nina.Errno) },
		command: "E0 72 00 EE", reply: "E0 F2 01 01 0B EE 00 00",
		check: func(r *nina.Reply) bool { return r.Byte(0) == 11 },
	},
	{
		name: "send",
		begin: func(p *nina.Port) {
			q := p.Begin(nina.Send)
			q.Byte(54)
			q.Data(bsdHello)
		},
		command: "E0 77 02 00 01 36 00 09 62 73 64 20 68 65 6C 6C 6F EE FF FF", reply: "E0 F7 01 02 00 09 EE 00",
		check: func(r *nina.Reply) bool { return r.Big(0) == 9 },
	},
	{
		name:    "receive",
		begin:   receive,
		command: "E0 78 02 01 36 02 40 00 EE FF FF FF", reply: "E0 F8 01 00 09 42 53 44 20 48 45 4C 4C 4F EE 00",
		check: func(r *nina.Reply) bool { return r.Len() == 9 && string(buf[:9]) == "BSD HELLO" },
	},
	{
		name:    "peer",
		begin:   func(p *nina.Port) { p.Begin(nina.GetPeerName).Byte(54) },
		command: "E0 7F 01 01 36 EE FF FF", reply: "E0 FF 03 01 01 04 7F 00 00 01 02 D7 8D EE 00 00",
		check: func(r *nina.Reply) bool { return r.Byte(0) == 1 && r.Addr(1) == loopback && r.Little(2) == 36311 },
	},
	{
		name: "unknown", err: nina.ErrRejected,
		begin:   func(p *nina.Port) { p.Begin(0x55) },
		command: "E0 55 00 EE", reply: "EF 00 EE 00",
	},
}

func startClient(p *nina.Port) {
	q := p.Begin(nina.StartClient)
	q.Addr(loopback)
	q.Port(36311)
	q.Byte(0)
	q.Byte(0)
}

func connect(p *nina.Port) {
	q := p.Begin(nina.Connect)
	q.Byte(54)
	q.Addr(loopback)
	q.Port(36311)
}

func receive(p *nina.Port) {
	q := p.Begin(nina.Recv)
	q.Byte(54)
	q.Size(64)
	q.Into(buf[:])
}

func TestExchangesOfTheVendorsFirmware(t *testing.T) {
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			var got []byte
			chip := newChip(func(cmd []byte) []byte {
				if cmd[0] != 0xE0 {
					return nil
				}
				got = bytes.Clone(cmd[:len(unhex(t, v.command))])
				return unhex(t, v.reply)
			})
			p := booted(t, chip)
			v.begin(p)
			r, err := p.Do()
			if err != v.err {
				t.Fatalf("error %v, want %v", err, v.err)
			}
			if want := unhex(t, v.command); !bytes.Equal(got, want) || len(chip.commands[len(chip.commands)-1]) != len(want) {
				t.Errorf("command\n% x, want\n% x", chip.commands[len(chip.commands)-1], want)
			}
			if v.err == nil && !v.check(r) {
				t.Errorf("the reply % x was read wrong", unhex(t, v.reply))
			}
		})
	}
}
