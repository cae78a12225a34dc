package stack_test

import (
	"context"
	stdnet "net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/miekg/dns"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/netdevtest"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
)

func TestStackKeepsTheContract(t *testing.T) { conform(t, stack.Config{}) }

func TestSmallBoardKeepsTheContract(t *testing.T) { conform(t, stack.SmallBoard()) }

// conform holds stacks of that configuration to the contract, with another stack
// as the other side of the network.
func conform(t *testing.T, c stack.Config) { conformOn(t, c, ether.Config{Queue: 1024}) }

// conformOn is conform on such a cable.
func conformOn(t *testing.T, c stack.Config, end ether.Config) {
	var peers sync.Map
	netdevtest.RunConfig(t, netdevtest.Config{
		Name: "stack",
		New: func(tb testing.TB) netdev.Netdever {
			da, db, err := ether.Cable(end, end)
			must(tb, err)
			tb.Cleanup(func() { da.Close(); db.Close() })
			own := c
			own.Address = netip.PrefixFrom(addrA, 24)
			own.Gateway = addrB
			own.DNS = []netip.Addr{addrB}
			s := newStack(tb, da, own)
			p := newStack(tb, db, stack.Config{Address: netip.PrefixFrom(addrB, 24)})
			must(tb, s.NetConnect(nil))
			must(tb, p.NetConnect(nil))
			serveNames(tb, p)
			peers.Store(s, &far{tb: tb, dev: p})
			return s
		},
		Peer: func(tb testing.TB, dev netdev.Netdever) netdevtest.Peer {
			p, _ := peers.Load(dev)
			return p.(*far)
		},
	})
}

// serveNames is a name server on s that knows one name.
func serveNames(tb testing.TB, s *stack.Stack) {
	lc := net.ListenConfig{Device: s}
	pc, err := lc.ListenPacket(tb.Context(), "udp", ":53")
	must(tb, err)
	server := &dns.Server{PacketConn: pc, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		m.RecursionAvailable = true
		switch question := q.Question[0]; {
		case question.Name != peerName+".":
			m.Rcode = dns.RcodeNameError
		case question.Qtype == dns.TypeA:
			m.Answer = []dns.RR{&dns.A{
				Hdr: dns.RR_Header{Name: question.Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60},
				A:   addrB.AsSlice(),
			}}
		}
		if err := w.WriteMsg(m); err != nil {
			tb.Error(err)
		}
	})}
	over := make(chan struct{})
	go func() {
		defer close(over)
		server.ActivateAndServe()
	}()
	tb.Cleanup(func() {
		pc.Close()
		<-over
	})
}

const peerName = "peer.test"

// far is the peer: a stack at the other end of the cable, which is also the
// router of a network that nobody answers from.
type far struct {
	tb  testing.TB
	dev *stack.Stack
}

var lastPort atomic.Uint32

func (*far) Addr(domain int) netip.Addr {
	if domain != netdev.AF_INET {
		return netip.Addr{}
	}
	return addrB
}

func (*far) DeviceAddr(domain int) netip.Addr {
	if domain != netdev.AF_INET {
		return netip.Addr{}
	}
	return addrA
}

func (*far) Interface() string { return "eth0" }

func (*far) FreePort() uint16 { return uint16(20000 + lastPort.Add(1)%10000) }

func (p *far) Listen(ctx context.Context, network, address string) (stdnet.Listener, error) {
	lc := net.ListenConfig{Device: p.dev}
	return lc.Listen(ctx, network, address)
}

func (p *far) ListenPacket(ctx context.Context, network, address string) (stdnet.PacketConn, error) {
	lc := net.ListenConfig{Device: p.dev}
	return lc.ListenPacket(ctx, network, address)
}

func (p *far) DialContext(ctx context.Context, network, address string) (stdnet.Conn, error) {
	d := net.Dialer{Device: p.dev}
	return d.DialContext(ctx, network, address)
}

func (*far) Host() string                { return peerName }
func (*far) UnknownHost() string         { return "nobody.test" }
func (p *far) Refused() netip.AddrPort   { return at(addrB, p.FreePort()) }
func (*far) Unreachable() netip.AddrPort { return netip.MustParseAddrPort("255.255.255.255:9") }
func (*far) BlackHole() netip.AddrPort   { return netip.MustParseAddrPort("198.51.100.1:9") }
