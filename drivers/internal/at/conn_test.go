package at_test

import (
	"bytes"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/drivers/internal/at"
	"github.com/netdev-go/netdev/drivers/internal/uart"
)

// A modem answers what is written to it.
type modem struct {
	mu     sync.Mutex
	in     bytes.Buffer // what it says
	got    bytes.Buffer // what it heard
	answer func(m *modem, heard []byte)
}

func (m *modem) Write(b []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.got.Write(b)
	if m.answer != nil {
		m.answer(m, b)
	}
	return len(b), nil
}

func (m *modem) Read(b []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.in.Read(b)
}

func (m *modem) Buffered() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.in.Len()
}

func (m *modem) say(s string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.in.WriteString(s)
}

// replies answers each line in turn.
func replies(all ...string) func(*modem, []byte) {
	return func(m *modem, heard []byte) {
		if bytes.HasSuffix(heard, []byte("\n")) && len(all) > 0 {
			m.in.WriteString(all[0])
			all = all[1:]
		}
	}
}

// always answers every line, and repeats it before.
func always(reply string, echo bool) func(*modem, []byte) {
	return func(m *modem, heard []byte) {
		if bytes.HasSuffix(heard, []byte("\n")) {
			if echo {
				m.in.Write(heard)
			}
			m.in.WriteString(reply)
		}
	}
}

func dial(answer func(*modem, []byte)) (*modem, *at.Conn) {
	m := &modem{answer: answer}
	return m, at.NewConn(uart.New(m))
}

func TestCommandsAreSpelledAsTheFirmwareWants(t *testing.T) {
	m, c := dial(always("\r\nOK\r\n", false))
	addr := netip.MustParseAddr("192.168.1.10")
	for _, w := range []struct {
		build func()
		want  string
	}{
		{func() { c.Command("+CIPSTART=").Int(0).Quoted("TCP").Addr(addr).Int(80).Omit().Omit().Int(5000) },
			"AT+CIPSTART=0,\"TCP\",\"192.168.1.10\",80,,,5000\r\n"},
		{func() { c.Command("+CIPSEND=").Int(0).Int(5) }, "AT+CIPSEND=0,5\r\n"},
		{func() { c.Command("+CIPRECVDATA=").Int(0).Int(64) }, "AT+CIPRECVDATA=0,64\r\n"},
		{func() { c.Command("+CWJAP=").Quoted(`ab\,c`).Quoted(`0123456789"\`) },
			`AT+CWJAP="ab\\\,c","0123456789\"\\"` + "\r\n"},
		{func() { c.Command("+GMR") }, "AT+GMR\r\n"},
		{func() { c.Command("+CIPTCPOPT=").Int(5).Int(-1).Int(0) }, "AT+CIPTCPOPT=5,-1,0\r\n"},
	} {
		m.got.Reset()
		w.build()
		if err := c.Exec(time.Second, "", nil); err != nil {
			t.Fatal(err)
		}
		if got := m.got.String(); got != w.want {
			t.Errorf("sent %q, want %q", got, w.want)
		}
	}
}

func TestACommandTooLongIsNotSent(t *testing.T) {
	m, c := dial(nil)
	c.Command("+CWJAP=").Quoted(strings.Repeat(`"`, 130)).Int(1)
	if err := c.Exec(time.Second, "", nil); err != at.ErrTooLong {
		t.Errorf("Exec = %v", err)
	}
	if m.got.Len() > 0 {
		t.Errorf("sent %q", m.got.String())
	}
}

// A name from outside must not become a command of its own.
func TestAStringWithAnEndOfLineIsNotSent(t *testing.T) {
	for _, name := range []string{"a\r\nAT+RESTORE\r\n", "a\n", "\r", "a\x00b"} {
		m, c := dial(always("\r\nOK\r\n", false))
		c.Command("+CIPDOMAIN=").Quoted(name)
		if err := c.Exec(time.Second, "", nil); err != at.ErrCharacter {
			t.Errorf("%q: Exec = %v", name, err)
		}
		if m.got.Len() > 0 {
			t.Errorf("sent %q", m.got.String())
		}
	}
}

func TestUnaskedLinesAreHeardInsideAReply(t *testing.T) {
	_, c := dial(replies("\r\n+IPD,1,5\r\n+CIPMUX:1\r\n0,CLOSED\r\n\r\nOK\r\nWIFI DISCONNECT\r\n"))
	var heard []string
	c.Heard = func(line []byte) bool {
		if bytes.HasPrefix(line, []byte("+CIPMUX")) || string(line) == "OK" {
			return false
		}
		heard = append(heard, string(line))
		return true
	}
	mux := ""
	c.Command("+CIPMUX?")
	err := c.Exec(time.Second, "+CIPMUX:", func(f at.Fields) bool {
		mux = string(f)
		return true
	})
	if err != nil || mux != "1" {
		t.Errorf("CIPMUX %q, %v", mux, err)
	}
	if err := c.Listen(); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(heard, "; "); got != "+IPD,1,5; 0,CLOSED; WIFI DISCONNECT" {
		t.Error(got)
	}
}

func TestAFailureTellsItsReasons(t *testing.T) {
	_, c := dial(replies("+ERRNO:0x6f\r\nERR CODE:0x010a0000\r\n\r\nERROR\r\n", "ERR CODE:0x01090000\r\n\r\nERROR\r\n", "\r\nERROR\r\n"))
	var got []at.Failure
	var misheard []bool
	for range 3 {
		c.Command("+X")
		f, ok := c.Exec(time.Second, "", nil).(*at.Failure)
		if !ok {
			t.Fatal("no Failure")
		}
		got, misheard = append(got, *f), append(misheard, f.Misheard())
	}
	want := []at.Failure{{Code: 0x010a0000, Errno: 111}, {Code: 0x01090000}, {}}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%d: %+v, want %+v", i, got[i], want[i])
		}
	}
	if misheard[0] || !misheard[1] || misheard[2] {
		t.Errorf("misheard: %v", misheard)
	}
}

func TestErrorsOfAnExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, w := range []struct {
			reply string
			want  error
		}{
			{"", at.ErrTimeout},
			{"\r\nO", at.ErrTimeout},
			{"\r\nbusy p...\r\n", at.ErrBusy},
			{"\r\nOJ\r\n", at.ErrGarbled},
			{"\r\nOK\n", at.ErrGarbled},
			{strings.Repeat("x", 999) + "\r\nOK\r\n", at.ErrGarbled},
			{"AT+X\r\nOK\r\n", nil}, // the echo
			{"AT+Y\r\nOK\r\n", at.ErrGarbled},
		} {
			_, c := dial(replies(w.reply))
			begin := time.Now()
			c.Command("+X")
			if err := c.Exec(300*time.Millisecond, "", nil); err != w.want {
				t.Errorf("reply %.20q: %v, want %v", w.reply, err, w.want)
			}
			if d := time.Since(begin); d > 301*time.Millisecond || w.want == at.ErrTimeout && d < 300*time.Millisecond {
				t.Errorf("reply %.20q took %v", w.reply, d)
			}
		}
	})
}

func TestSyncEndsEchoAndNoise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, c := dial(always("\r\nOK\r\n", true))
		m.say("\xff\x00ets Jun  8 2016\r\nready\r\nOK\r\n\r\nOK\r\nWIFI GOT IP\r\nhal")
		if err := c.Sync(false, time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if got := m.got.String(); got != "AT\r\nATE0\r\n" {
			t.Errorf("sent %q", got)
		}
	})
}

func TestSyncOutlastsAModemThatIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		m, c := dial(nil)
		m.answer = func(m *modem, heard []byte) {
			if !bytes.HasSuffix(heard, []byte("\n")) {
				return
			}
			if time.Since(begin) < 3*time.Second {
				m.in.WriteString("\r\nbusy p...\r\n")
				return
			}
			m.in.WriteString("\r\nOK\r\n")
		}
		if err := c.Sync(false, time.Now().Add(5*time.Second)); err != nil {
			t.Fatal(err)
		}
	})
}

func TestSyncGivesUpASilentModemInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := dial(nil)
		begin := time.Now()
		if err := c.Sync(true, begin.Add(2*time.Second)); err != at.ErrTimeout {
			t.Error(err)
		}
		if d := time.Since(begin); d < 2*time.Second || d > 4*time.Second {
			t.Errorf("after %v", d)
		}
	})
}

// A modem that waits for data must not take the commands of Sync for it.
func TestSyncSendsNothingIntoATransferOfData(t *testing.T) {
	for _, told := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			waiting := true
			m, c := dial(nil)
			var payload bytes.Buffer
			last := time.Now()
			m.answer = func(m *modem, heard []byte) {
				silent := time.Since(last)
				last = time.Now()
				switch {
				case waiting && string(heard) == "+++" && silent > 20*time.Millisecond:
					waiting = false
					m.in.WriteString("\r\nSEND Canceled\r\n")
				case waiting:
					payload.Write(heard)
				case bytes.HasSuffix(heard, []byte("\n")):
					m.in.WriteString("\r\nOK\r\n")
				}
			}
			if !told {
				m.say("\r\nOK\r\n\r\n>") // which the Conn sees when it drains the line
			}
			if err := c.Sync(told, time.Now().Add(time.Second)); err != nil {
				t.Fatal(err)
			}
			if payload.Len() > 0 {
				t.Errorf("sent as data: %q", payload.String())
			}
		})
	}
}

func TestPushedDataIsNeverALine(t *testing.T) {
	_, c := dial(replies("\r\n+IPD,0,13:\r\nOK\r\nready\r\n\r\nERROR\r\n"))
	lost := 0
	c.Lost = func() { lost++ }
	c.Command("+X")
	if _, ok := c.Exec(time.Second, "", nil).(*at.Failure); !ok {
		t.Error("the OK inside of data ended the reply")
	}
	if lost != 1 {
		t.Errorf("Lost was called %d times", lost)
	}
}

func TestAnExchangeAllocatesNothing(t *testing.T) {
	_, c := dial(always("\r\n+IPD,0,5\r\n\r\nOK\r\n", false))
	c.Heard = func(line []byte) bool {
		_, ok := at.Prefixed(line, "+IPD,")
		return ok
	}
	n := testing.AllocsPerRun(100, func() {
		c.Command("+CIPSEND=").Int(3).Int(1024)
		if err := c.Exec(time.Second, "", nil); err != nil {
			t.Fatal(err)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Whatever a modem says, an exchange ends in time, and Sync finds a modem that
// has come to its senses.
func FuzzConn(f *testing.F) {
	f.Add([]byte("\r\nOK\r\n"), []byte("\r\n"))
	f.Add([]byte("+CIPRECVDATA:5,\"1.2.3.4\",80,hello\r\nOK\r\n"), []byte("+IPD,0,9:"))
	f.Add([]byte("\r\nOK\r\n\r\n>"), []byte(">"))
	f.Add([]byte("+CIPRECVDATA:65535,\"1.2.3.4\",80,"), []byte("\r\nbusy p...\r\n"))
	f.Fuzz(func(t *testing.T, reply, noise []byte) {
		synctest.Test(t, func(t *testing.T) {
			m, c := dial(nil)
			first := true
			m.answer = func(m *modem, heard []byte) {
				switch {
				case first:
					first = false
					m.in.Write(reply)
				case bytes.HasSuffix(heard, []byte("\n")):
					m.in.WriteString("\r\nOK\r\n")
				}
			}
			begin := time.Now()
			c.Command("+CIPRECVDATA=").Int(0).Int(64)
			if err := c.Send(); err != nil {
				t.Fatal(err)
			}
			c.ExpectCounted("+CIPRECVDATA:", true)
			c.Reply(begin.Add(time.Second), "+X:", func(at.Fields) bool { return true })
			if d := time.Since(begin); d > time.Second {
				t.Fatalf("the exchange took %v", d)
			}
			m.say(string(noise))
			if err := c.Sync(false, time.Now().Add(5*time.Second)); err != nil {
				t.Fatalf("Sync = %v", err)
			}
			c.Command("+Y")
			if err := c.Exec(time.Second, "", nil); err != nil {
				t.Fatalf("after Sync: %v", err)
			}
		})
	})
}
