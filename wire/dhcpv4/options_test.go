package dhcpv4_test

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"

	"github.com/netdev-go/netdev/wire/dhcpv4"
)

// codes lists the codes of all options.
func codes(m dhcpv4.Message) string {
	var s []byte
	for it := m.Options(); it.Next(); {
		s = append(s, byte(it.Code()))
	}
	return string(s)
}

func TestOptionsInTheHeader(t *testing.T) {
	for _, c := range []struct {
		name                 string
		options, file, sname string
		want                 string
		overload             dhcpv4.Overload
	}{
		{"none", "350101 ff 0c0161", "0c0162 ff", "0f0163 ff", "\x35", 0},
		{"file", "340101 350101 ff", "0c0162 ff", "0f0163 ff", "\x34\x35\x0c", 1},
		{"sname", "350101 340102 ff", "0c0162 ff", "0f0163 ff", "\x35\x34\x0f", 2},
		{"both, file first", "340103 350101 ff", "0c0162 ff", "0f0163 ff", "\x34\x35\x0c\x0f", 3},
		{"both, behind padding and without ends", "00 340103 00 350101", "00 0c0162", "00 00 0f0163", "\x34\x35\x0c\x0f", 3},
		{"a field that overloads the other", "340101 ff", "340103 ff", "0f0163 ff", "\x34\x34", 1},
		{"one field that overloads itself", "340102 ff", "0c0162 ff", "340102 0f0163 ff", "\x34\x34\x0f", 2},
		{"no fields", "340100 350101 ff", "0c0162 ff", "0f0163 ff", "\x34\x35", 0},
		{"fields that there are not", "3401fc 350101 ff", "0c0162 ff", "0f0163 ff", "\x34\x35", 0},
		{"of a wrong length", "34020303 350101 ff", "0c0162 ff", "0f0163 ff", "\x34\x35", 0},
	} {
		m := parse(t, overloaded(c.options, c.file, c.sname))
		if got := codes(m); got != c.want {
			t.Errorf("%s: options % x, want % x", c.name, got, c.want)
		}
		if got := m.Overload(); got != c.overload {
			t.Errorf("%s: overload %d, want %d", c.name, got, c.overload)
		}
		if (m.File() == nil) != (c.overload&dhcpv4.OverloadFile != 0) || (m.SName() == nil) != (c.overload&dhcpv4.OverloadSName != 0) {
			t.Errorf("%s: names %q and %q", c.name, m.File(), m.SName())
		}
	}
}

func TestOptionsThatPassTheEndOfTheirField(t *testing.T) {
	tooLong := strings.Repeat("00", 126) + "0c01" // the last two bytes of the file field
	for _, b := range [][]byte{
		message("0c"),
		message("0c05616263"),
		overloaded("340101 ff", tooLong, ""),
		overloaded("340103 ff", "ff", strings.Repeat("00", 63)+"0c"),
	} {
		if _, err := dhcpv4.Parse(b); err != dhcpv4.ErrOption {
			t.Errorf("% x: %v", b[dhcpv4.HeaderLen:], err)
		}
	}
	// Without the overload these are names.
	parse(t, overloaded("ff", tooLong, ""))
}

func TestOptionInParts(t *testing.T) {
	m := parse(t, overloaded("340103 770161 0c0178 77026263 ff", "770164 ff", "770165 ff"))
	if !m.Split(dhcpv4.OptDomainSearch) || m.Split(dhcpv4.OptHostName) || m.Split(dhcpv4.OptMessage) {
		t.Error("Split does not tell which option is in parts")
	}
	if v, ok := m.Option(dhcpv4.OptDomainSearch); !ok || string(v) != "a" {
		t.Errorf("first part: %q, %v", v, ok)
	}
	buf := dirty(6)
	if v := m.DomainSearch(buf); string(v) != "abcde" || &v[0] != &buf[0] || buf[5] != 0xa5 {
		t.Errorf("together: %q", v)
	}
	for n := range 5 {
		if v, ok := m.Join(dhcpv4.OptDomainSearch, buf[:n]); ok || v != nil {
			t.Errorf("with room for %d: %q", n, v)
		}
	}
	if v, ok := m.Join(dhcpv4.OptHostName, nil); !ok || string(v) != "x" {
		t.Errorf("one that is whole: %q, %v", v, ok)
	}
	if v, ok := m.Join(dhcpv4.OptMessage, buf); ok || v != nil {
		t.Errorf("one that is not there: %q", v)
	}
}

func TestValuesOfAWrongLengthCountAsNone(t *testing.T) {
	m := parse(t, message("3500 3603c0a84d 3305 0000000000 3a00 3b03000000 0105ffffff0000 1c00 3202c0a8 1a0105 3903000000 0303c0a84d 0605c0a84d0100 2a00 ff"))
	if m.Type() != 0 {
		t.Errorf("type %v", m.Type())
	}
	for name, value := range map[string]func() (netip.Addr, bool){
		"server": m.ServerID, "mask": m.SubnetMask, "broadcast": m.BroadcastAddr, "requested": m.RequestedIP,
	} {
		if v, ok := value(); ok || v.IsValid() {
			t.Errorf("%s: %v", name, v)
		}
	}
	for name, value := range map[string]func() (uint32, bool){
		"lease": m.LeaseTime, "T1": m.RenewalTime, "T2": m.RebindingTime,
	} {
		if v, ok := value(); ok || v != 0 {
			t.Errorf("%s: %d", name, v)
		}
	}
	if _, ok := m.InterfaceMTU(); ok {
		t.Error("an MTU")
	}
	if _, ok := m.MaxMessageSize(); ok {
		t.Error("a maximum")
	}
	if _, ok := m.PrefixLen(); ok {
		t.Error("a prefix")
	}
	if m.Routers().Len() != 0 || m.DNSServers().Len() != 1 || m.NTPServers().Len() != 0 {
		t.Error("parts of addresses count")
	}
}

func TestPrefixLen(t *testing.T) {
	for mask, want := range map[string]int{
		"00000000": 0, "80000000": 1, "ffffff00": 24, "fffffffe": 31, "ffffffff": 32,
		"ffff00ff": -1, "00ffffff": -1, "00000001": -1, "fffffffd": -1,
	} {
		got, ok := parse(t, message("0104"+mask+"ff")).PrefixLen()
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("%s: %d, %v", mask, got, ok)
		}
	}
}

func TestMTUBelowTheSmallest(t *testing.T) {
	if mtu, ok := parse(t, message("1a020043 ff")).InterfaceMTU(); ok {
		t.Errorf("%d is allowed", mtu)
	}
	if mtu, ok := parse(t, message("1a020044 ff")).InterfaceMTU(); !ok || mtu != 68 {
		t.Errorf("%d, %v", mtu, ok)
	}
}

func TestTextIsWithoutZerosBehindIt(t *testing.T) {
	m := parse(t, message("0c0462000000 0f020000 3803 6e6f00 ff"))
	if string(m.HostName()) != "b" || len(m.DomainName()) != 0 || string(m.Text()) != "no" {
		t.Errorf("%q, %q, %q", m.HostName(), m.DomainName(), m.Text())
	}
}

func TestAbsentOptions(t *testing.T) {
	m := parse(t, message(""))
	if m.Type() != 0 || m.HostName() != nil || m.ClientID() != nil || m.ParameterList() != nil || m.DomainSearch(nil) != nil || m.Routers() != nil {
		t.Error("something is there")
	}
	if _, ok := m.Option(dhcpv4.OptPad); ok {
		t.Error("padding is an option")
	}
}

// The encodings are RFC 3442's own examples.
func TestRoutes(t *testing.T) {
	const router = "0a000001"
	var list dhcpv4.Routes = bytes.Join([][]byte{
		unhex("00" + router), unhex("080a" + router), unhex("180a0000" + router), unhex("100a11" + router),
		unhex("180a1b81" + router), unhex("190a e58000" + router), unhex("200ac6 7a2f" + router), unhex("09 0aff" + router),
	}, nil)
	for _, want := range []string{
		"0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/24", "10.17.0.0/16", "10.27.129.0/24", "10.229.128.0/25", "10.198.122.47/32",
		"10.128.0.0/9", // bits behind the mask are cleared
	} {
		dst, via, ok := list.Next()
		if !ok || dst != netip.MustParsePrefix(want) || via != netip.MustParseAddr("10.0.0.1") {
			t.Errorf("%v by %v, %v; want %s", dst, via, ok, want)
		}
	}
	if _, _, ok := list.Next(); ok {
		t.Error("a route too many")
	}
	for _, bad := range []string{"21" + router + router, "080a0a0000", "ff", "00"} {
		list := dhcpv4.Routes(unhex(bad))
		if dst, _, ok := list.Next(); ok || list != nil {
			t.Errorf("%s is %v", bad, dst)
		}
	}
}
