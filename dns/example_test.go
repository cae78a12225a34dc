//go:build !tinygo

package dns_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"

	"github.com/miekg/dns"

	netdevdns "github.com/netdev-go/netdev/dns"
	"github.com/netdev-go/netdev/drivers/host"
)

// A device with sockets gets a resolver.
func Example() {
	server, stop := nameServer("www.example. 60 IN A 192.0.2.1")
	defer stop()

	client := netdevdns.New(netdevdns.Config{
		Device:  host.New(),
		Servers: func() []netip.AddrPort { return []netip.AddrPort{server} },
		Search:  func() []string { return []string{"example"} },
	})
	addrs, err := client.LookupNetIP(context.Background(), "ip4", "www")
	fmt.Println(addrs, err)
	_, err = client.GetHostByName("nowhere.example")
	fmt.Println(err)
	// Output:
	// [192.0.2.1] <nil>
	// Host unknown (nowhere.example)
}

// nameServer starts a server that knows one record.
func nameServer(record string) (addr netip.AddrPort, stop func() error) {
	known, err := dns.NewRR(record)
	if err != nil {
		panic(err)
	}
	pc, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	started := make(chan struct{})
	s := &dns.Server{PacketConn: pc, NotifyStartedFunc: func() { close(started) }}
	s.Handler = dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		m.RecursionAvailable = true
		if asked := q.Question[0]; asked.Name != known.Header().Name {
			m.Rcode = dns.RcodeNameError
		} else if asked.Qtype == known.Header().Rrtype {
			m.Answer = []dns.RR{known}
		}
		w.WriteMsg(m)
	})
	go s.ActivateAndServe()
	<-started
	return pc.LocalAddr().(*net.UDPAddr).AddrPort(), s.Shutdown
}
