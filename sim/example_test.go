package sim_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/sim/gateway"
	"github.com/netdev-go/netdev/stack"
)

// A board is booted as "netdev run -name web" does it.
func ExampleBoot() {
	board, err := sim.Boot(sim.Config{Name: "web", Events: func(line string) { fmt.Println(line) }})
	if err != nil {
		log.Fatal(err)
	}
	defer board.Stop()
	if err := board.NetConnect(&netlink.ConnectParams{}); err != nil {
		log.Fatal(err)
	}
	// Output:
	// web has address 10.0.2.127
}

// A network in a Go test, put together from its parts: two boards, one of them
// on a bad line, and a gateway that gives them addresses and knows their names.
// In a bubble of package synctest its time is virtual: the test takes no longer
// than the processor needs, and the same seed has the same frames lost.
func TestPageOverABadLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := ether.NewSwitch(ether.SwitchConfig{})
		defer network.Close()
		card := func(name string) *ether.Device {
			dev, err := network.Open(ether.Config{Name: name, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			return dev
		}
		gw, err := gateway.New(gateway.Config{Device: card("gateway"), Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		if err := gw.Start(); err != nil {
			t.Fatal(err)
		}
		defer gw.Close()
		board := func(name, line string) *stack.Stack {
			dev := card(name)
			faults, err := ether.ParseImpairment(line)
			if err != nil {
				t.Fatal(err)
			}
			if err := dev.Impair(ether.Both, faults); err != nil {
				t.Fatal(err)
			}
			s, err := stack.New(dev, stack.Config{Hostname: name})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.NetConnect(&netlink.ConnectParams{}); err != nil {
				t.Fatal(err)
			}
			return s
		}
		web := board("web", "")
		defer web.Stop()
		client := board("client", "loss 5%, delay 50ms, reorder 5%")
		defer client.Stop()

		lc := net.ListenConfig{Device: web}
		ln, err := lc.Listen(context.Background(), "tcp", ":80")
		if err != nil {
			t.Fatal(err)
		}
		page := strings.Repeat("a long page\n", 20_000)
		server := http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, page) })}
		go server.Serve(ln)
		defer server.Close()

		transport := &http.Transport{DialContext: (&net.Dialer{Device: client}).DialContext}
		defer transport.CloseIdleConnections()
		began := time.Now()
		resp, err := (&http.Client{Transport: transport}).Get("http://web/")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		got, err := io.ReadAll(resp.Body)
		if err != nil || string(got) != page {
			t.Errorf("%d bytes of %d came, %v", len(got), len(page), err)
		}
		t.Logf("%d bytes took %v", len(got), time.Since(began))
	})
}
