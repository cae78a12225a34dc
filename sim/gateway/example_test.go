package gateway_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"

	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/sim/gateway"
	"github.com/netdev-go/netdev/stack"
)

// A web server on a board is reached from the host, without root.
func Example() {
	near, far, err := ether.Cable(ether.Config{Name: "gateway"}, ether.Config{Name: "board"})
	if err != nil {
		log.Fatal(err)
	}
	gw, err := gateway.New(gateway.Config{
		Device: near,
		Seed:   1,
		Events: func(e gateway.Event) {
			if e.Kind == gateway.LeaseGiven {
				fmt.Println(e)
			}
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := gw.Start(); err != nil {
		log.Fatal(err)
	}
	defer gw.Close()

	board, err := stack.New(far, stack.Config{Hostname: "web"})
	if err != nil {
		log.Fatal(err)
	}
	defer board.Stop()
	if err := board.NetConnect(nil); err != nil {
		log.Fatal(err)
	}
	lc := net.ListenConfig{Device: board}
	l, err := lc.Listen(context.Background(), "tcp", ":80")
	if err != nil {
		log.Fatal(err)
	}
	go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello from %s\n", r.Host)
	}))

	at, err := gw.Forward(gateway.ForwardConfig{Network: "tcp", To: gateway.Target{Name: "web", Port: 80}})
	if err != nil {
		log.Fatal(err)
	}
	request, err := http.NewRequest("GET", "http://"+at.String(), nil)
	if err != nil {
		log.Fatal(err)
	}
	request.Host = "web.netdev"
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(string(page))

	// Output:
	// web has address 10.0.2.184
	// hello from web.netdev
}
