package overlay

import (
	"net"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// records are what nameServer knows.
var records = []struct {
	name string
	typ  dnsmessage.Type
	body dnsmessage.ResourceBody
}{
	{"board.example.", dnsmessage.TypeTXT, &dnsmessage.TXTResource{TXT: []string{"hello"}}},
	{"board.example.", dnsmessage.TypeMX, &dnsmessage.MXResource{Pref: 10, MX: dnsmessage.MustNewName("mail.example.")}},
	{"board.example.", dnsmessage.TypeNS, &dnsmessage.NSResource{NS: dnsmessage.MustNewName("ns.example.")}},
	{"_mqtt._tcp.board.example.", dnsmessage.TypeSRV,
		&dnsmessage.SRVResource{Priority: 1, Weight: 2, Port: 1883, Target: dnsmessage.MustNewName("broker.example.")}},
	{"alias.example.", dnsmessage.TypeCNAME, &dnsmessage.CNAMEResource{CNAME: dnsmessage.MustNewName("board.example.")}},
	{"1.0.0.127.in-addr.arpa.", dnsmessage.TypePTR, &dnsmessage.PTRResource{PTR: dnsmessage.MustNewName("itself.example.")}},
}

// nameServer answers questions at the address that it returns.
func nameServer(t *testing.T) string {
	t.Helper()
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	go func() {
		for b := make([]byte, 1500); ; {
			n, from, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			if reply, err := answer(b[:n]); err == nil {
				c.WriteTo(reply, from)
			}
		}
	}()
	return c.LocalAddr().String()
}

func answer(question []byte) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(question); err != nil {
		return nil, err
	}
	m.Response, m.Authoritative, m.Additionals = true, true, nil
	m.RCode = dnsmessage.RCodeNameError
	q := m.Questions[0]
	for _, r := range records {
		if r.name != q.Name.String() {
			continue
		}
		m.RCode = dnsmessage.RCodeSuccess
		if r.typ == q.Type {
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 1}, Body: r.body})
		}
	}
	return m.Pack()
}

// Records other than addresses are asked for at the device's servers, never at
// the host's and never in the host's files.
func TestRecordsComeFromTheDevicesServers(t *testing.T) {
	t.Parallel()
	out := program(t, "records", "host", nameServer(t))
	want := "TXT [hello] <nil>\n" +
		"MX {mail.example. 10}\n" +
		"NS {ns.example.}\n" +
		"SRV {broker.example. 1883 1 2}\n" +
		"CNAME board.example. <nil>\n" +
		"PTR [itself.example.] <nil>\n" +
		"not found true 10.11.12.1:53\n" +
		"no server: lookup board.example: the device knows no DNS server\n" +
		"no capability: lookup board.example: Not supported true\n" +
		"a Dial of its own: [hello] <nil>\n" +
		"no capability: lookup alias.example: Not supported true\n" +
		"no capability: lookup 127.0.0.1: Not supported true\n"
	if out != want {
		t.Errorf("the program printed\n%swant\n%s", out, want)
	}
}
