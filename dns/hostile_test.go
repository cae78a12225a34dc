//go:build !tinygo

package dns

import (
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	miekg "github.com/miekg/dns"

	"github.com/netdev-go/netdev"
)

// hostile has a server answer each datagram with the ones that forge makes of
// it, and over TCP with the bytes that stream makes.
func hostile(t *testing.T, forge func(q *miekg.Msg) [][]byte, stream func(q *miekg.Msg) []byte) netip.AddrPort {
	t.Helper()
	pc, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pc.Close() })
	ln, err := net.Listen("tcp4", pc.LocalAddr().String())
	if err != nil {
		t.Skipf("the port is somebody else's over TCP: %v", err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := pc.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			q := new(miekg.Msg)
			if q.Unpack(buf[:n]) == nil {
				for _, msg := range forge(q) {
					pc.WriteToUDPAddrPort(msg, from)
				}
			}
		}
	}()
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				var length [2]byte
				io.ReadFull(c, length[:])
				msg := make([]byte, binary.BigEndian.Uint16(length[:]))
				io.ReadFull(c, msg)
				q := new(miekg.Msg)
				if stream != nil && q.Unpack(msg) == nil {
					c.Write(stream(q))
				}
			}()
		}
	}()
	return pc.LocalAddr().(*net.UDPAddr).AddrPort()
}

func pack(t *testing.T, m *miekg.Msg) []byte {
	t.Helper()
	msg, err := m.Pack()
	if err != nil {
		t.Error(err)
	}
	return msg
}

// lie is an answer with the wrong address, changed in one way.
func lie(t *testing.T, q *miekg.Msg, change func(m *miekg.Msg)) []byte {
	m := zone(t, q.Question[0].Name+" 60 IN A 203.0.113.66")(q, false)
	change(m)
	return pack(t, m)
}

func TestOnlyTheAnswerToTheQuestionIsBelieved(t *testing.T) {
	answers := zone(t, "www.example. 60 IN A 192.0.2.1")
	for name, forge := range map[string]func(q *miekg.Msg) []byte{
		"wrong id": func(q *miekg.Msg) []byte { return lie(t, q, func(m *miekg.Msg) { m.Id++ }) },
		"wrong name": func(q *miekg.Msg) []byte {
			return lie(t, q, func(m *miekg.Msg) { m.Question[0].Name = "wwx.example." })
		},
		"longer name": func(q *miekg.Msg) []byte {
			return lie(t, q, func(m *miekg.Msg) { m.Question[0].Name = "www.example.com." })
		},
		"wrong type": func(q *miekg.Msg) []byte {
			return lie(t, q, func(m *miekg.Msg) { m.Question[0].Qtype = miekg.TypeAAAA })
		},
		"wrong class": func(q *miekg.Msg) []byte {
			return lie(t, q, func(m *miekg.Msg) { m.Question[0].Qclass = miekg.ClassCHAOS })
		},
		"no question": func(q *miekg.Msg) []byte { return lie(t, q, func(m *miekg.Msg) { m.Question = nil }) },
		"two questions": func(q *miekg.Msg) []byte {
			return lie(t, q, func(m *miekg.Msg) { m.Question = append(m.Question, m.Question[0]) })
		},
		"a query":        func(q *miekg.Msg) []byte { return lie(t, q, func(m *miekg.Msg) { m.Response = false }) },
		"another opcode": func(q *miekg.Msg) []byte { return lie(t, q, func(m *miekg.Msg) { m.Opcode = miekg.OpcodeNotify }) },
		"garbage":        func(q *miekg.Msg) []byte { return []byte(strings.Repeat("\xff", 100)) },
		"nothing":        func(q *miekg.Msg) []byte { return nil },
		"half a header":  func(q *miekg.Msg) []byte { return pack(t, q)[:6] },
	} {
		t.Run(name, func(t *testing.T) {
			onDevices(t, func(t *testing.T, ask func(Config, ...netip.AddrPort) *Client) {
				server := hostile(t, func(q *miekg.Msg) [][]byte {
					return [][]byte{forge(q), pack(t, answers(q, false))}
				}, nil)
				c := ask(Config{}, server)
				wantAddrs(t, c, "ip4", "www.example", "192.0.2.1")
				if s := c.Stats(); s.Ignored != 1 || s.Answers != 1 {
					t.Errorf("counters: %+v", s)
				}
			})
		})
	}
}

func TestRecordsThatAnswerSomethingElseAreNotTaken(t *testing.T) {
	server := hostile(t, func(q *miekg.Msg) [][]byte {
		m := zone(t, "www.example. 60 IN A 192.0.2.1")(q, false)
		m.RecursionAvailable = true
		for _, line := range []string{
			"other.example. 60 IN A 203.0.113.66", "www.example. 60 CH A 203.0.113.67", "www.example. 60 IN TXT no",
			"other.example. 60 IN CNAME www.example.",
		} {
			if rr, err := miekg.NewRR(line); err == nil {
				m.Answer = append([]miekg.RR{rr}, m.Answer...)
			}
		}
		extra, _ := miekg.NewRR("www.example. 60 IN A 203.0.113.68")
		m.Ns, m.Extra = []miekg.RR{extra}, []miekg.RR{extra}
		return [][]byte{pack(t, m)}
	}, nil)
	c := New(asking(Config{Device: devices["host"]}, server))
	wantAddrs(t, c, "ip4", "www.example", "192.0.2.1")
	if _, ok := c.cached(question{"other.example", 1}); ok {
		t.Error("what nobody asked for was remembered")
	}
}

func TestAnAnswerFromElsewhereIsNotHeard(t *testing.T) {
	answers := zone(t, "www.example. 60 IN A 192.0.2.1")
	onDevices(t, func(t *testing.T, ask func(Config, ...netip.AddrPort) *Client) {
		// The same address but another port: what only a connected socket keeps out.
		stranger, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		defer stranger.Close()
		pc, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		defer pc.Close()
		go func() {
			buf := make([]byte, 1500)
			n, from, err := pc.ReadFromUDPAddrPort(buf)
			q := new(miekg.Msg)
			if err != nil || q.Unpack(buf[:n]) != nil {
				return
			}
			stranger.WriteToUDPAddrPort(lie(t, q, func(*miekg.Msg) {}), from)
			pc.WriteToUDPAddrPort(pack(t, answers(q, false)), from)
		}()
		wantAddrs(t, ask(Config{}, pc.LocalAddr().(*net.UDPAddr).AddrPort()), "ip4", "www.example", "192.0.2.1")
	})
}

// A looseDevice hears everybody on its datagram sockets, and says whom.
type looseDevice struct {
	fakeDevice
	strangers int
}

func (d *looseDevice) SendTo(int, []byte, int, netip.AddrPort, time.Time) (int, error) {
	return 0, netdev.ErrNotSupported
}

func (d *looseDevice) RecvFrom(fd int, buf []byte, flags int, deadline time.Time) (int, netip.AddrPort, error) {
	from := d.get(fd).server
	if d.strangers > 0 {
		d.strangers--
		from = netip.AddrPortFrom(from.Addr().Next(), from.Port())
	}
	n, err := d.fakeDevice.Recv(fd, buf, flags, deadline)
	return n, from, err
}

func TestTheSourceIsLookedAtWhereTheDeviceTellsIt(t *testing.T) {
	d := &looseDevice{strangers: 1}
	d.servers = map[netip.AddrPort]responder{server1: zone(t, "www.example. 60 IN A 192.0.2.1")}
	c := New(asking(Config{Device: d, Timeout: 50 * time.Millisecond}, server1))
	wantAddrs(t, c, "ip4", "www.example", "192.0.2.1")
	if s := c.Stats(); s.Ignored != 1 || s.Queries != 2 {
		t.Errorf("counters: %+v, want the stranger's message ignored and another query", s)
	}
}

func TestAFloodOfGuessesMovesTheQuestionToTCP(t *testing.T) {
	answers := zone(t, "www.example. 60 IN A 192.0.2.1")
	server := hostile(t, func(q *miekg.Msg) [][]byte {
		var flood [][]byte
		for range 2 * maxWrong {
			flood = append(flood, lie(t, q, func(m *miekg.Msg) { m.Id += uint16(len(flood)) + 1 }))
		}
		return flood
	}, func(q *miekg.Msg) []byte { return framed(pack(t, answers(q, true))) })
	c := New(asking(Config{Device: devices["host"]}, server))
	wantAddrs(t, c, "ip4", "www.example", "192.0.2.1")
	if s := c.Stats(); s.TCP != 1 || s.Ignored != maxWrong {
		t.Errorf("counters: %+v", s)
	}
}

func framed(msg []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(msg))), msg...)
}

// raw is the reply to q up to its answers, which count says there are.
func raw(t *testing.T, q *miekg.Msg, count uint16, answers string) []byte {
	m := new(miekg.Msg).SetReply(q)
	m.RecursionAvailable = true
	msg := append(pack(t, m), answers...)
	binary.BigEndian.PutUint16(msg[6:], count)
	return msg
}

func TestMessagesThatMakeNoSenseAreBadAnswers(t *testing.T) {
	const a = "\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xcb\x00\x71\x42"
	for name, forge := range map[string]func(q *miekg.Msg) []byte{
		"fewer answers than promised": func(q *miekg.Msg) []byte { return raw(t, q, 2, "\xc0\x0c"+a) },
		"65535 answers promised":      func(q *miekg.Msg) []byte { return raw(t, q, 65535, "") },
		"a name that points to itself": func(q *miekg.Msg) []byte {
			return raw(t, q, 1, string([]byte{0xc0, byte(len(raw(t, q, 0, "")))})+a)
		},
		"names that point to each other": func(q *miekg.Msg) []byte {
			at := byte(len(raw(t, q, 0, "")))
			return raw(t, q, 1, string([]byte{0xc0, at + 2, 0xc0, at})+a)
		},
		"a pointer past the end": func(q *miekg.Msg) []byte { return raw(t, q, 1, "\xff\xff"+a) },
		"an address of two bytes": func(q *miekg.Msg) []byte {
			return raw(t, q, 1, "\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x02\xcb\x00")
		},
		"an IPv6 address in an A record": func(q *miekg.Msg) []byte {
			return raw(t, q, 1, "\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x10\x20\x01\x0d\xb8"+strings.Repeat("\x00", 12))
		},
		"a length past the end": func(q *miekg.Msg) []byte {
			return raw(t, q, 1, "\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\xff\xff\xcb\x00\x71\x42")
		},
		"a label type that does not exist": func(q *miekg.Msg) []byte {
			return raw(t, q, 1, "\x80\x0c"+a)
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := hostile(t, func(q *miekg.Msg) [][]byte { return [][]byte{forge(q)} }, nil)
			good, _ := serve(t, zone(t, "www.example. 60 IN A 192.0.2.1"))
			c := New(asking(Config{Device: devices["host"]}, server))
			wantError(t, c, "ip4", "www.example", ErrBadAnswer)
			if s := c.Stats(); s.Malformed != 1 {
				t.Errorf("counters: %+v", s)
			}
			wantAddrs(t, New(asking(Config{Device: devices["host"]}, server, good)), "ip4", "www.example", "192.0.2.1")
		})
	}
}

func TestStreamsThatMakeNoSenseAreBadAnswers(t *testing.T) {
	answers := zone(t, "www.example. 60 IN A 192.0.2.1")
	for name, stream := range map[string]func(q *miekg.Msg) []byte{
		"nothing":             func(q *miekg.Msg) []byte { return nil },
		"half a length":       func(q *miekg.Msg) []byte { return []byte{0} },
		"a length of 0":       func(q *miekg.Msg) []byte { return []byte{0, 0} },
		"less than promised":  func(q *miekg.Msg) []byte { m := framed(pack(t, answers(q, true))); return m[:len(m)-1] },
		"truncated once more": func(q *miekg.Msg) []byte { return framed(pack(t, truncated(q, false))) },
		"wrong id":            func(q *miekg.Msg) []byte { return framed(lie(t, q, func(m *miekg.Msg) { m.Id++ })) },
	} {
		t.Run(name, func(t *testing.T) {
			onDevices(t, func(t *testing.T, ask func(Config, ...netip.AddrPort) *Client) {
				server := hostile(t, func(q *miekg.Msg) [][]byte { return [][]byte{pack(t, truncated(q, false))} }, stream)
				wantError(t, ask(Config{}, server), "ip4", "www.example", ErrBadAnswer)
			})
		})
	}
}

func TestAnAnswerAsLongAsCanBeIsBounded(t *testing.T) {
	server := hostile(t,
		func(q *miekg.Msg) [][]byte { return [][]byte{pack(t, truncated(q, false))} },
		func(q *miekg.Msg) []byte {
			var all strings.Builder
			count := uint16(0)
			for all.Len() < 65000 {
				all.WriteString("\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xcb\x00")
				all.Write(binary.BigEndian.AppendUint16(nil, count))
				count++
			}
			return framed(raw(t, q, count, all.String()))
		})
	c := New(asking(Config{Device: devices["host"], CacheBytes: 1000}, server))
	got, err := c.LookupNetIP(t.Context(), "ip4", "www.example")
	if err != nil || len(got) != maxAddrs {
		t.Errorf("%d addresses, %v, want %d", len(got), err, maxAddrs)
	}
	if s := c.Stats(); s.CacheEntries != 0 {
		t.Errorf("an answer larger than the cache was remembered: %+v", s)
	}
}
