package examples_test

import (
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"
)

// A door lets every client of the broker in, or none.
type door struct {
	mqtt.HookBase
	open bool
}

func (*door) ID() string { return "door" }

func (*door) Provides(event byte) bool {
	return event == mqtt.OnConnectAuthenticate || event == mqtt.OnACLCheck
}

func (d *door) OnConnectAuthenticate(*mqtt.Client, packets.Packet) bool { return d.open }
func (d *door) OnACLCheck(*mqtt.Client, string, bool) bool              { return d.open }

// A broker is a mochi-mqtt server that ends with the test, or before.
type broker struct {
	*mqtt.Server
	addr  string
	close func() // once: the server's own Close panics the second time
}

func newBroker(t *testing.T, hook *door) broker {
	t.Helper()
	b := mqtt.New(&mqtt.Options{InlineClient: true, Logger: slog.New(slog.DiscardHandler)})
	if err := b.AddHook(hook, nil); err != nil {
		t.Fatal(err)
	}
	tcp := listeners.NewTCP(listeners.Config{ID: "tcp", Address: "127.0.0.1:0"})
	if err := b.AddListener(tcp); err != nil {
		t.Fatal(err)
	}
	if err := b.Serve(); err != nil {
		t.Fatal(err)
	}
	end := sync.OnceFunc(func() { b.Close() })
	t.Cleanup(end)
	return broker{b, tcp.Address(), end}
}

// mqttClients are the examples with the form in which each takes its broker.
var mqttClients = []struct{ name, scheme string }{{"natiu", ""}, {"paho", "tcp://"}}

func TestMQTTClientsPublishAndAreDeliveredTo(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		b := newBroker(t, &door{open: true})
		heard := make(chan string, 100)
		if err := b.Subscribe("a/b", 1, func(_ *mqtt.Client, _ packets.Subscription, p packets.Packet) {
			heard <- p.TopicName + " " + string(p.Payload)
		}); err != nil {
			t.Fatal(err)
		}
		for _, c := range mqttClients {
			out := succeed(t, d, c.name, "-broker", c.scheme+d.peer(b.addr), "-topic", "a/b", "-every", "1ms")
			contains(t, out, "Connected to "+c.scheme+d.peer(b.addr), "a/b: message 1 of 3\n", "a/b: message 2 of 3\n", "a/b: message 3 of 3\n")
			for i := range 3 {
				want := fmt.Sprintf("a/b message %d of 3", i+1)
				select {
				case got := <-heard:
					if got != want {
						t.Errorf("%s: the broker heard %q, want %q", c.name, got, want)
					}
				case <-time.After(patience):
					t.Fatalf("%s: the broker has not heard %q", c.name, want)
				}
			}
		}
	})
}

func TestMQTTClientsReportABrokerThatGoesAway(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		for _, c := range mqttClients {
			b := newBroker(t, &door{open: true})
			client := start(t, d, c.name, "-broker", c.scheme+d.peer(b.addr), "-count", "100000", "-every", "1ms")
			client.line("netdev/" + c.name + ": message 1 of 100000")
			b.close()
			_, stderr, code := client.wait()
			checkFailure(t, c.name, stderr, code, []string{"broker " + c.scheme + d.peer(b.addr), "message "})
		}
	})
}

func TestMQTTClientsReportABrokerThatRefusesThem(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		b := newBroker(t, &door{open: false})
		for _, c := range mqttClients {
			fail(t, []string{"broker " + c.scheme + d.peer(b.addr), "uthorized"}, d, c.name, "-broker", c.scheme+d.peer(b.addr))
		}
	})
}
