package at_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/netdev-go/netdev/drivers/internal/at"
)

// tell spells the tokens of a text, which is given in pieces of size bytes.
func tell(s *at.Scanner, text string, size int) string {
	var out []string
	var data strings.Builder
	flush := func() {
		if data.Len() > 0 {
			out = append(out, fmt.Sprintf("data %q", data.String()))
			data.Reset()
		}
	}
	for b := []byte(text); len(b) > 0; {
		n, t := s.Scan(b[:min(size, len(b))])
		b = b[n:]
		if t.Kind != at.Data && t.Kind != at.More {
			flush()
		}
		switch t.Kind {
		case at.Line:
			out = append(out, fmt.Sprintf("line %q", t.Text))
		case at.Long:
			out = append(out, "long")
		case at.Prompt:
			out = append(out, "prompt")
		case at.Counted:
			out = append(out, fmt.Sprintf("counted %d %v", t.N, t.From))
		case at.Pushed:
			out = append(out, fmt.Sprintf("pushed %d %d %v", t.Link, t.N, t.From))
		case at.Data:
			data.Write(t.Text)
		}
	}
	flush()
	return strings.Join(out, "; ")
}

func TestScannerTakesTheStreamApart(t *testing.T) {
	none := netip.AddrPort{}
	for _, c := range []struct {
		name, text string
		counted    string
		addressed  bool
		prompt     bool
		want       string
	}{
		{"CIPSTART's reply", "0,CONNECT\r\n\r\nOK\r\n", "", false, false, `line "0,CONNECT"; line ""; line "OK"`},
		{"CIPSEND's reply", "\r\nOK\r\n\r\n>", "", false, true, `line ""; line "OK"; line ""; prompt`},
		{"payload's reply", "\r\nRecv 5 bytes\r\n\r\nSEND OK\r\n", "", false, false,
			`line ""; line "Recv 5 bytes"; line ""; line "SEND OK"`},
		{"data", "+CIPRECVDATA:5,hello\r\nOK\r\n", "+CIPRECVDATA:", false, false,
			fmt.Sprintf(`counted 5 %v; data "hello"; line ""; line "OK"`, none)},
		{"data and its sender", "+CIPRECVDATA:5,\"192.168.1.10\",80,hello\r\nOK\r\n", "+CIPRECVDATA:", true, false,
			`counted 5 192.168.1.10:80; data "hello"; line ""; line "OK"`},
		{"a sender without quotes", "+CIPRECVDATA:2,10.0.0.1,80,hi\r\nOK\r\n", "+CIPRECVDATA:", true, false,
			`counted 2 10.0.0.1:80; data "hi"; line ""; line "OK"`},
		{"nothing", "+CIPRECVDATA:0,\"10.0.0.1\",80,\r\nOK\r\n", "+CIPRECVDATA:", true, false,
			`counted 0 10.0.0.1:80; line ""; line "OK"`},
		{"words in data", "+CIPRECVDATA:21,OK\r\nERROR\r\n+IPD,0,5:\r\n>\r\nOK\r\n", "+CIPRECVDATA:", false, true,
			fmt.Sprintf(`counted 21 %v; data "OK\r\nERROR\r\n+IPD,0,5:\r"; line "\n"; prompt; line ""; line "OK"`, none)},
		{"data of a sender, not addressed", "+CIPRECVDATA:5,hello\r\n", "+CIPRECVDATA:", true, false, `line "+CIPRECVDATA:5,hello"`},
		{"data that nobody expects", "+CIPRECVDATA:5,hello\r\n", "", false, false, `line "+CIPRECVDATA:5,hello"`},
		{"announcement", "\r\n+IPD,0,5\r\n", "", false, false, `line ""; line "+IPD,0,5"`},
		{"pushed data", "\r\n+IPD,3,4:OK\r\n0,CLOSED\r\n", "", false, false,
			fmt.Sprintf(`line ""; pushed 3 4 %v; data "OK\r\n"; line "0,CLOSED"`, none)},
		{"pushed data and its sender", "+IPD,1,2,\"10.0.0.9\",7:hi0,CLOSED\r\n", "", false, false,
			`pushed 1 2 10.0.0.9:7; data "hi"; line "0,CLOSED"`},
		{"prompt that nobody expects", ">\r\n", "", false, false, `line ">"`},
		{"prompt in a line", "a>b\r\n", "", false, true, `line "a>b"`},
		{"blank behind the prompt", "> 0,CLOSED\r\n", "", false, true, `prompt; line "0,CLOSED"`},
		{"line without CR", "OK\n", "", false, false, `line "OK\n"`},
		{"length beyond belief", "+CIPRECVDATA:9999999999,x\r\n", "+CIPRECVDATA:", false, false, `line "+CIPRECVDATA:9999999999,x"`},
		{"no length", "+CIPRECVDATA:,x\r\n", "+CIPRECVDATA:", false, false, `line "+CIPRECVDATA:,x"`},
		{"noise", "\x00\xff\x80rst:0x1\r\nready\r\n", "", false, false, `line "\x00\xff\x80rst:0x1"; line "ready"`},
		{"line as long as there is room", strings.Repeat("x", 63) + "\r\n", "", false, false, `line "` + strings.Repeat("x", 63) + `"`},
		{"line too long", strings.Repeat("x", 65) + "\r\nOK\r\n", "", false, false, `long; line "OK"`},
	} {
		for size := 1; size <= len(c.text); size++ {
			s := at.NewScanner(64)
			s.Expect(c.counted, c.addressed)
			s.ExpectPrompt(c.prompt)
			if got := tell(s, c.text, size); got != c.want {
				t.Errorf("%s, in pieces of %d:\n got %s\nwant %s", c.name, size, got, c.want)
				break
			}
		}
	}
}

func TestScannerCountsWhatItDrops(t *testing.T) {
	s := at.NewScanner(16)
	tell(s, strings.Repeat("long line ", 3)+"\r\nOK\r\n"+strings.Repeat("x", 99)+"\n", 7)
	if s.Dropped != 2 {
		t.Errorf("Dropped = %d, want 2", s.Dropped)
	}
}

func TestScannerResetForgetsHalfALine(t *testing.T) {
	s := at.NewScanner(16)
	tell(s, "+IPD,0,9:half", 99)
	s.Reset()
	if got := tell(s, "OK\r\n", 99); got != `line "OK"` {
		t.Error(got)
	}
}

func TestFieldsKeepTheirCommas(t *testing.T) {
	f := at.Fields(`3,"a\,b\"c\\",-51,"aa:bb",x`)
	n, ok := f.Uint(9)
	s := at.Unescape(f.Bytes())
	i, ok2 := f.Int()
	mac := string(f.Bytes())
	rest := string(f.Bytes())
	if n != 3 || !ok || s != `a,b"c\` || i != -51 || !ok2 || mac != "aa:bb" || rest != "x" || len(f) != 0 {
		t.Errorf("%d %v, %q, %d %v, %q, %q, rest %q", n, ok, s, i, ok2, mac, rest, f)
	}
}

func TestFieldsRefuseWhatIsNoNumberOrAddress(t *testing.T) {
	for _, bad := range []string{"", "x", "1x", "-1", "4294967296", "99999999999999999999", "65536", " 1"} {
		f := at.Fields(bad)
		if n, ok := f.Uint(65535); ok {
			t.Errorf("Uint(%q) = %d", bad, n)
		}
		if string(f) != bad {
			t.Errorf("Uint took %q to %q", bad, f)
		}
	}
	for _, bad := range []string{"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.", "1..3.4", "0001.2.3.4", "a.b.c.d", "1.2.3.4."} {
		f := at.Fields(bad)
		if a, ok := f.Addr(); ok {
			t.Errorf("Addr(%q) = %v", bad, a)
		}
	}
	f := at.Fields(`"1.2.3.4",65535`)
	if a, ok := f.AddrPort(); !ok || a.String() != "1.2.3.4:65535" {
		t.Errorf("AddrPort = %v %v", a, ok)
	}
}

// What is counted is told whole, and a scanner takes all it is given.
func FuzzScanner(f *testing.F) {
	for _, s := range []string{
		"0,CONNECT\r\n\r\nOK\r\n", "\r\nOK\r\n\r\n>", "\r\nRecv 5 bytes\r\n\r\nSEND OK\r\n",
		"+CIPRECVDATA:5,\"192.168.1.10\",80,hello\r\nOK\r\n", "+CIPRECVDATA:5,hello\r\nOK\r\n",
		"\r\n+IPD,0,5\r\n", "+IPD,3,4:OK\r\n0,CLOSED\r\n", "ERR CODE:0x01090000\r\n\r\nERROR\r\n", "\xff\x00ready\r\n",
	} {
		f.Add([]byte(s), uint8(3), true)
		f.Add([]byte(s), uint8(1), false)
	}
	f.Fuzz(func(t *testing.T, text []byte, size uint8, addressed bool) {
		scan := func(size int) (lines []string, data int) {
			s := at.NewScanner(32)
			s.Expect("+CIPRECVDATA:", addressed)
			s.ExpectPrompt(true)
			owed := 0
			for b := text; len(b) > 0; {
				n, tok := s.Scan(b[:min(size, len(b))])
				if n <= 0 || n > len(b) {
					t.Fatalf("Scan took %d of %d", n, len(b))
				}
				b = b[n:]
				switch tok.Kind {
				case at.Data:
					data += len(tok.Text)
					if owed -= len(tok.Text); owed < 0 {
						t.Fatal("more data than was announced")
					}
				case at.More:
				default:
					if owed != 0 {
						t.Fatalf("%v with %d bytes of data to come", tok, owed)
					}
					if len(tok.Text) > 33 {
						t.Fatalf("a line of %d bytes", len(tok.Text))
					}
					owed = tok.N
					lines = append(lines, fmt.Sprint(tok.Kind, tok.N, string(tok.Text)))
				}
			}
			return lines, data
		}
		whole, n := scan(len(text) + 1)
		pieces, m := scan(int(size) + 1)
		if n != m || fmt.Sprint(whole) != fmt.Sprint(pieces) {
			t.Errorf("in one piece %v %d, in several %v %d", whole, n, pieces, m)
		}
	})
}
