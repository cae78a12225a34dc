package stack_test

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
	"github.com/netdev-go/netdev/wire/ethernet"
	"github.com/netdev-go/netdev/wire/ipv4"
	"github.com/netdev-go/netdev/wire/tcp"
)

// besieged returns a server and a client of the same configuration on a switch, and
// a card of an attacker.
func besieged(t *testing.T, c stack.Config) (server, client *stack.Stack, attacker *ether.Device) {
	t.Helper()
	sw := ether.NewSwitch(ether.SwitchConfig{})
	t.Cleanup(func() { sw.Close() })
	card := func(name string) *ether.Device {
		d, err := sw.Open(ether.Config{Name: name, Queue: 1024})
		must(t, err)
		return d
	}
	c.Address = netip.PrefixFrom(addrB, 8)
	server = newStack(t, card("server"), c)
	c.Address = netip.PrefixFrom(addrA, 8)
	client = newStack(t, card("client"), c)
	must(t, server.NetConnect(nil))
	must(t, client.NetConnect(nil))
	return server, client, card("attacker")
}

// sendIP sends a packet to a stack, as somebody else.
func sendIP(t *testing.T, from *ether.Device, to *stack.Stack, ip ipv4.Header, payload []byte) {
	t.Helper()
	dst, err := to.GetHardwareAddr()
	must(t, err)
	src, err := from.HardwareAddr6()
	must(t, err)
	frame := make([]byte, 2048)
	h := ethernet.Header{Dst: [6]byte(dst), Src: src, Type: ethernet.TypeIPv4}
	n := h.Emit(frame)
	ip.TotalLen = ipv4.HeaderLen + len(payload)
	n += ip.Emit(frame[n:])
	n += copy(frame[n:], payload)
	must(t, from.SendOffsetEthFrame(frame[:n]))
}

// somewhere is an address of the same network.
func somewhere(r *rand.Rand) netip.Addr {
	var a [4]byte
	binary.BigEndian.PutUint32(a[:], 10<<24|1<<16|r.Uint32N(1<<22))
	return netip.AddrFrom4(a)
}

// serves checks that a client gets an answer from the server.
func serves(t *testing.T, server, client *stack.Stack, lfd int, name netip.AddrPort) {
	t.Helper()
	fd := open(t, client, netdev.SOCK_STREAM)
	must(t, client.Connect(fd, "", name))
	for {
		afd, from, err := server.Accept(lfd)
		must(t, err)
		if from.Addr() != addrA {
			must(t, server.Close(afd))
			continue
		}
		want := strings.Repeat("still here ", 1000)
		go func() {
			server.Send(afd, []byte(want), 0, never)
			server.Close(afd)
		}()
		if got, err := readAllFor(client, fd, never); err != nil || string(got) != want {
			t.Fatalf("%d of %d bytes, %v", len(got), len(want), err)
		}
		break
	}
	must(t, client.Close(fd))
}

func TestASYNFloodTakesNoMoreThanItsBoundAndNobodysPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client, attacker := besieged(t, stack.Config{HalfOpen: 64, Neighbours: 32})
		lfd, name := listen(t, server, addrB, 16)
		serves(t, server, client, lfd, name)
		r := rand.New(rand.NewPCG(1, 2))
		flood := func(n int) {
			for range n {
				src := somewhere(r)
				b := make([]byte, 64)
				h := tcp.Header{SrcPort: uint16(r.Uint32()), DstPort: name.Port(), Seq: tcp.Seq(r.Uint32()), Flags: tcp.SYN, Window: 1024}
				b = b[:h.Emit(b)]
				tcp.Segment(b).FillChecksum(src, addrB)
				sendIP(t, attacker, server, ipv4.Header{TTL: 64, Protocol: tcp.Protocol, Src: src, Dst: addrB}, b)
				synctest.Wait()
			}
		}
		flood(2000)
		before := heap()
		flood(20000)
		if grown := heap() - before; grown > 64<<10 {
			t.Errorf("20000 SYNs more take %d bytes", grown)
		}
		c := server.Counters()
		if c.TCP.SyncookiesSent < 20000 || c.Neighbour.Evicted == 0 {
			t.Errorf("%d cookies sent, %d neighbours evicted", c.TCP.SyncookiesSent, c.Neighbour.Evicted)
		}
		serves(t, server, client, lfd, name)
	})
}

func TestAFragmentFloodTakesNoMoreThanItsBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const bound64 = 64 << 10
		server, client, attacker := besieged(t, stack.Config{Reassembly: bound64})
		r := rand.New(rand.NewPCG(3, 4))
		part := make([]byte, 1480)
		for i := range 20000 {
			h := ipv4.Header{ID: uint16(i), Flags: ipv4.MoreFragments, FragmentOffset: 8 * int(r.Uint32N(1000)), TTL: 64, Protocol: 17, Src: somewhere(r), Dst: addrB}
			sendIP(t, attacker, server, h, part)
			synctest.Wait()
			if c := server.Counters(); c.BlocksInUse > bound64/2048+2 {
				t.Fatalf("%d blocks are in use", c.BlocksInUse)
			}
		}
		if c := server.Counters(); c.Fragments.Evicted == 0 {
			t.Error("nothing was evicted")
		}
		fd, name := bound(t, server, addrB)
		from, _ := bound(t, client, addrA)
		// At once what other sources need no more of than the flood's do, and the
		// rest as soon as the flood's fragments are given up.
		for _, n := range []int{290, 6000} {
			want := strings.Repeat("in pieces ", n)
			sendTo(t, client, from, want, name)
			if got, _ := recv(t, server, fd); got != want {
				t.Errorf("%d of %d bytes", len(got), len(want))
			}
			time.Sleep(time.Minute)
		}
		if c := server.Counters(); c.BlocksInUse != 0 {
			t.Errorf("%d blocks are in use after all", c.BlocksInUse)
		}
	})
}

func TestAThousandSlowReadersLeaveRoomForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := stack.Config{BlockSize: 2048, Blocks: 4096}
		server, client, _ := besieged(t, config)
		lfd, name := listen(t, server, addrB, 16)
		var slow []int
		for range 1000 {
			fd := open(t, client, netdev.SOCK_STREAM)
			must(t, client.Connect(fd, "", name))
			afd, _, err := server.Accept(lfd)
			must(t, err)
			must(t, server.SetNonblock(afd, true))
			slow = append(slow, afd)
		}
		// The client reads nothing of what the server sends.
		data := make([]byte, 1<<20)
		for range 20 {
			for _, afd := range slow {
				if _, err := server.Send(afd, data, 0, never); err != netdev.ErrWouldBlock {
					t.Fatalf("Send = %v", err)
				}
			}
			time.Sleep(time.Second)
		}
		for _, s := range []*stack.Stack{server, client} {
			c := s.Counters()
			t.Logf("%d of %d blocks in use, %d at most", c.BlocksInUse, c.Blocks, c.BlocksPeak)
			if c.BlocksPeak > c.Blocks || c.BlocksInUse < c.Blocks/4 {
				t.Error("that is more than there are, or no siege")
			}
		}
		serves(t, server, client, lfd, name)
		for _, afd := range slow {
			must(t, server.SetSockOpt(afd, netdev.SOL_SOCKET, netdev.SO_LINGER, 0))
			must(t, server.Close(afd))
		}
		time.Sleep(time.Minute)
		if c := server.Counters(); c.BlocksInUse != 0 {
			t.Errorf("%d blocks are in use after all", c.BlocksInUse)
		}
	})
}
