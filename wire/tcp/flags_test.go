package tcp_test

import (
	"testing"

	"github.com/netdev-go/netdev/wire/tcp"
)

func TestFlagsString(t *testing.T) {
	for f, want := range map[tcp.Flags]string{
		0:                           "none",
		tcp.SYN:                     "SYN",
		tcp.SYN | tcp.ACK:           "SYN,ACK",
		tcp.FIN | tcp.ACK:           "FIN,ACK",
		tcp.SYN | tcp.ECE | tcp.CWR: "SYN,ECE,CWR",
		0xff:                        "FIN,SYN,RST,PSH,ACK,URG,ECE,CWR",
		tcp.PSH | tcp.ACK | tcp.URG: "PSH,ACK,URG",
		tcp.RST | tcp.ACK | tcp.CWR: "RST,ACK,CWR",
		tcp.ACK:                     "ACK",
	} {
		if got := f.String(); got != want {
			t.Errorf("Flags(%#02x) = %q, want %q", uint8(f), got, want)
		}
	}
}

func TestFlagsHasAllAndAny(t *testing.T) {
	f := tcp.SYN | tcp.ACK
	if !f.Has(tcp.SYN) || !f.Has(tcp.SYN|tcp.ACK) || f.Has(tcp.SYN|tcp.RST) || f.Has(tcp.FIN) {
		t.Error("Has does not ask for all of them")
	}
	if !f.Any(tcp.SYN|tcp.RST) || f.Any(tcp.FIN|tcp.RST) || f.Any(0) {
		t.Error("Any does not ask for one of them")
	}
}
