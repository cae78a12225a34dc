package congestion_test

import (
	"fmt"
	"time"

	"github.com/netdev-go/netdev/stack/tcp/congestion"
)

func Example() {
	const mss = 1460
	c := congestion.NewReno.New()
	c.Init(mss, 10*mss)

	now := time.Second
	for range 10 { // a round trip in which the window was full
		c.OnAck(&congestion.Ack{Now: now, Delivered: mss, InFlight: 10 * mss, RTT: 20 * time.Millisecond, CwndLimited: true})
	}
	fmt.Println(c.Window() / mss)

	c.OnCongestion(now, 20*mss)
	c.OnRecovered(now)
	fmt.Println(c.Window()/mss, c.Threshold()/mss)

	// Output:
	// 20
	// 10 10
}
