package stack_test

import (
	"fmt"
	"maps"
	"net/netip"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack"
	"github.com/netdev-go/netdev/wire/ipv4"
	"github.com/netdev-go/netdev/wire/tcp"
	"github.com/netdev-go/netdev/wire/udp"
)

// held returns how many bytes of the heap package stack, and what it calls, has taken and
// not given back, with what the allocator's size classes add; it lists them by place.
// runtime.MemProfileRate must have been 1 all the time.
func held() (sum int, places map[string]int) {
	for range 3 {
		runtime.GC() // the profile is that of a collection or two ago
	}
	records := make([]runtime.MemProfileRecord, 20000)
	n, ok := runtime.MemProfile(records, false)
	if !ok {
		panic("too many places")
	}
	places = map[string]int{}
	for i := range records[:n] {
		r := &records[i]
		place, ours, shared := "", false, false
		for frames := runtime.CallersFrames(r.Stack()); ; {
			f, more := frames.Next()
			if place == "" && strings.Contains(f.Function, "/netdev/") {
				place = fmt.Sprintf("%s %s:%d", strings.TrimPrefix(f.Function, "github.com/netdev-go/netdev/"), f.File[strings.LastIndexByte(f.File, '/')+1:], f.Line)
			}
			ours = ours || strings.Contains(f.Function, "/netdev/stack.")
			// The runtime's heap of timers and its list of who waits are the program's.
			shared = shared || strings.HasPrefix(f.Function, "runtime.(*timers)") || f.Function == "runtime.acquireSudog"
			if !more {
				break
			}
		}
		if ours && !shared && r.InUseBytes() > 0 {
			sum += int(r.InUseBytes())
			places[place] += int(r.InUseBytes())
		}
	}
	return sum, places
}

// warmUp has the runtime make what it keeps for goroutines that wait.
func warmUp() {
	gate, over := make(chan struct{}), make(chan struct{})
	for range 40 {
		go func() { <-gate; over <- struct{}{} }()
	}
	synctest.Wait()
	close(gate)
	for range 40 {
		<-over
	}
}

// A small board's stack with all that it can hold: every socket open and full, with
// somebody waiting for each, and every table full.
func TestASmallBoardHoldsNoMoreThanItSays(t *testing.T) {
	for _, resolving := range []bool{false, true} {
		t.Run(fmt.Sprintf("resolving=%v", resolving), func(t *testing.T) { holdAll(t, resolving) })
	}
}

// holdAll has a name server asked in place of the last datagram socket where resolving
// is set.
func holdAll(t *testing.T, resolving bool) {
	synctest.Test(t, func(t *testing.T) {
		p := &stoic{}
		var in [16][8]byte
		defer func(rate int) { runtime.MemProfileRate = rate }(runtime.MemProfileRate)
		warmUp()
		runtime.MemProfileRate = 1
		payload := make([]byte, 2000)
		c := stack.SmallBoard()
		s, err := stack.New(p, c)
		must(t, err)
		up := make(chan error, 1)
		go func() { up <- s.NetConnect(nil) }()
		for n := 0; ; n++ {
			synctest.Wait()
			p.answer()
			if addr, err := s.Addr(); err == nil && addr == addrA {
				break
			}
			if n > 1000 {
				t.Fatal("no lease")
			}
			time.Sleep(10 * time.Millisecond)
		}
		must(t, <-up)
		settle := func() {
			for range 3 {
				synctest.Wait()
				p.answer()
			}
			synctest.Wait()
		}

		// Answers of name servers.
		for i := range c.Names {
			name := fmt.Sprintf("%s.%s.example", strings.Repeat(string(rune('a'+i)), 60), strings.Repeat("b", 60))
			found := make(chan error, 1)
			go func() { _, err := s.GetHostByName(name); found <- err }()
			for asked := p.asked; p.asked == asked; {
				settle()
			}
			p.resolve(t)
			must(t, <-found)
		}

		// Connections that come and go.
		lfd := socketOf(t, s, netdev.SOCK_STREAM)
		must(t, s.Bind(lfd, at(anywhere, 80)))
		must(t, s.Listen(lfd, 4))

		var fds [4]int
		for i := range fds {
			fds[i] = socketOf(t, s, netdev.SOCK_STREAM)
		}
		for i, fd := range fds {
			done := make(chan error, 1)
			go func() { done <- s.Connect(fd, "", at(addrB, uint16(100+i))) }()
			for waiting := true; waiting; {
				settle()
				select {
				case err := <-done:
					must(t, err)
					waiting = false
				default:
				}
			}
		}
		// Data that is not acknowledged, with a loss among it, and data that is not read.
		for i, fd := range fds {
			must(t, s.SetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_KEEPIDLE, 100+i))
			must(t, s.SetNonblock(fd, true))
			for range 3 {
				s.Send(fd, payload[:100], 0, never)
			}
			_, local, err := names(s, fd)
			must(t, err)
			from := uint16(100 + i)
			p.segmentFrom(addrB, addrA, tcp.Header{Seq: 1001 + 600, Ack: 1, Flags: tcp.ACK}, from, local.Port(), payload[:300])
			p.segmentFrom(addrB, addrA, tcp.Header{Seq: 1001, Ack: 1, Flags: tcp.ACK}, from, local.Port(), payload[:100])
			must(t, s.SetNonblock(fd, false))
		}
		settle()
		time.Sleep(3 * time.Second)
		settle()

		ufds := make([]int, 2)
		if resolving {
			ufds = ufds[:1]
		}
		for i := range ufds {
			ufds[i] = socketOf(t, s, netdev.SOCK_DGRAM)
			must(t, s.Bind(ufds[i], at(anywhere, uint16(2000+i))))
			must(t, s.Connect(ufds[i], "", at(addrB, 9)))
			must(t, s.JoinGroup(ufds[i], netip.AddrFrom4([4]byte{239, 0, 0, byte(i)}), ""))
		}
		// Neighbours, some of which never answer.
		for i := range 12 {
			p.handler(datagramTo(netip.AddrFrom4([4]byte{10, 0, 0, byte(20 + 30*i)}), addrA, 1, "nobody is there for this"))
		}
		settle()
		for range 4 {
			for i := range ufds {
				p.say(addrB, addrA, 9, uint16(2000+i), payload[:400])
			}
		}
		// A fragment that waits for the others.
		frag := packetOf(ipv4.Header{Protocol: udp.Protocol, Src: addrB, Dst: addrA, Flags: ipv4.MoreFragments}, payload[:200])
		p.handler(frag)
		// SYNs that nobody finishes, to segments that nobody expects.
		for i := range 20 {
			p.segmentFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(150 + i)}), addrA, tcp.Header{Seq: 5, Flags: tcp.SYN}, 7, 80, nil)
			p.segmentFrom(addrB, addrA, tcp.Header{Seq: 5, Flags: tcp.ACK, Ack: 77}, 8, uint16(3000+i), nil)
		}

		check := func(what string, bound int) {
			t.Helper()
			got, places := held()
			t.Logf("%s: %d bytes of heap, %d said", what, got, bound)
			if got <= bound {
				return
			}
			t.Errorf("%s: %d bytes of heap in use, more than the %d said", what, got, bound)
			for _, n := range slices.SortedFunc(maps.Keys(places), func(a, b string) int { return places[b] - places[a] }) {
				t.Logf("%6d %s", places[n], n)
			}
		}
		m := c.Memory()
		t.Logf("\n%s", m)
		if strconv.IntSize == 32 && m.Total() > 16<<10 {
			t.Errorf("%d bytes, want 16 KiB at most", m.Total())
		}
		check("with nobody waiting", m.Total()-m.Calls+m.Calls/c.Sockets) // Connect has left what it waited with

		// Somebody waits on each.
		later := time.Now().Add(time.Hour)
		over := make(chan struct{}, 16)
		for i, fd := range fds {
			go func() {
				for {
					if _, err := s.Send(fd, payload[:], 0, later); err != nil {
						break
					}
				}
				over <- struct{}{}
			}()
			_ = i
		}
		for i, fd := range ufds {
			go func() {
				for {
					if _, err := s.Recv(fd, in[8+i][:], 0, later); err != nil {
						break
					}
				}
				over <- struct{}{}
			}()
		}
		go func() { s.Accept(lfd); over <- struct{}{} }()
		lost := make(chan struct{})
		go func() { s.GetHostByName("nobody.knows.example"); close(lost) }()
		settle()

		check("with calls that wait", m.Total())
		must(t, s.Stop())
		for range 5 + len(ufds) {
			<-over
		}
		<-lost
		runtime.KeepAlive(p)
		runtime.KeepAlive(payload)
	})
}

// names returns what a socket is called.
func names(s *stack.Stack, fd int) (remote, local netip.AddrPort, err error) {
	if local, err = s.GetSockName(fd); err == nil {
		remote, err = s.GetPeerName(fd)
	}
	return remote, local, err
}

// resolve answers the question that came last with many addresses.
func (p *stoic) resolve(t *testing.T) {
	t.Helper()
	q := ipv4.Packet(p.queries[(p.asked-1)%len(p.queries)])
	d := udp.Datagram(q.Payload())
	var m dnsmessage.Message
	must(t, m.Unpack(d.Payload()))
	m.Response, m.Additionals = true, nil
	for i := range byte(16) {
		m.Answers = append(m.Answers, dnsmessage.Resource{
			Header: dnsmessage.ResourceHeader{Name: m.Questions[0].Name, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET, TTL: 3600},
			Body:   &dnsmessage.AResource{A: [4]byte{10, 1, 1, i}},
		})
	}
	b, err := m.Pack()
	must(t, err)
	p.say(q.Dst(), q.Src(), 53, d.SrcPort(), b)
}

func socketOf(t *testing.T, s *stack.Stack, stype int) int {
	fd, err := s.Socket(netdev.AF_INET, stype, 0)
	must(t, err)
	return fd
}
