package dhcpv4_test

import (
	"bytes"
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"

	"github.com/netdev-go/netdev/wire/dhcpv4"
)

// Captured between udhcpc and dnsmasq. The names of the header were empty.
var (
	capturedDiscover = capture("01010600 826ab155 00030000 00000000 00000000 00000000 00000000 020000000007",
		"350101 39020240 370a0103060c0f1a1c2a7779 0c05626f617264 3c0c756468637020312e33352e30 3d0701020000000007 ff 00000000000000000000")
	capturedRequest = capture("01010600 826ab155 00030000 00000000 00000000 00000000 00000000 020000000007",
		"350103 3204c0a84d32 3604c0a84d01 39020240 370a0103060c0f1a1c2a7779 0c05626f617264 3c0c756468637020312e33352e30 3d0701020000000007 ff")
	capturedAck = capture("02010600 826ab155 00030000 00000000 c0a84d32 c0a84d01 00000000 020000000007",
		"350105 3604c0a84d01 33040000a8c0 3a0400005460 3b04000093a8 0104ffffff00 1c04c0a84dff 0304c0a84d01"+
			"0f0b6c61622e6578616d706c65 0c05626f617264 7906080ac0a84d09 771303656e67036c6162076578616d706c6500c004"+
			"1a020578 2a04c0a84d03 0608c0a84d01c0a84d02 ff")
)

var (
	board  = [6]byte{2, 0, 0, 0, 0, 7}
	server = netip.MustParseAddr("192.168.77.1")
	lease  = netip.MustParseAddr("192.168.77.50")
)

func capture(header, options string) []byte {
	b := make([]byte, dhcpv4.HeaderLen)
	copy(b, unhex(header))
	copy(b[236:], unhex("63825363"))
	return append(b, unhex(options)...)
}

// message is one with no more than these options.
func message(options string) []byte { return capture("02010600", options) }

// overloaded is one with options in the fields of its names.
func overloaded(options, file, sname string) []byte {
	b := message(options)
	copy(b[108:], unhex(file))
	copy(b[44:], unhex(sname))
	return b
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

func parse(t testing.TB, b []byte) dhcpv4.Message {
	t.Helper()
	m, err := dhcpv4.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// dirty returns n bytes that are not zero, so that one left out shows.
func dirty(n int) []byte { return bytes.Repeat([]byte{0xa5}, n) }
