// Paho is an MQTT client with Eclipse Paho: it subscribes to a topic, publishes
// there, and prints what the broker delivers.
//
// On the host, over a netdev or as an ordinary program:
//
//	netdev run ./examples/mqttclient/paho -broker tcp://host:1883
//	go run ./examples/mqttclient/paho -broker tcp://127.0.0.1:1883 -count 10 -every 1s
//
// On a board, which has no flags:
//
//	tinygo flash -target=nano-rp2040 -ldflags="-X main.ssid=NAME -X main.pass=SECRET -X main.broker=tcp://192.0.2.7:1883" ./examples/mqttclient/paho
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/netlink/probe"
)

var ssid, pass, broker, topic string

var (
	count = flag.Int("count", 3, "how many messages to publish")
	every = flag.Duration("every", time.Second, "how `long` to wait between two")
)

// patience bounds every wait for the broker.
const patience = 10 * time.Second

func main() {
	flag.StringVar(&broker, "broker", broker, "`URL` of the MQTT broker, tcp://host:port")
	flag.StringVar(&topic, "topic", cmp.Or(topic, "netdev/paho"), "where to publish and subscribe")
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "paho:", err)
		os.Exit(1)
	}
}

func run() error {
	switch {
	case flag.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flag.Arg(0))
	case broker == "":
		return errors.New("no broker: give -broker tcp://host:port")
	}
	link, _ := probe.Probe()
	if err := link.NetConnect(&netlink.ConnectParams{Ssid: ssid, Passphrase: pass}); err != nil {
		return err
	}

	lost := make(chan error, 1)
	options := mqtt.NewClientOptions().
		AddBroker(broker).
		SetClientID("netdev-paho").
		SetConnectTimeout(patience).
		SetWriteTimeout(patience).
		SetAutoReconnect(false). // a broker that goes away ends this program
		SetConnectionLostHandler(func(_ mqtt.Client, err error) { lost <- err })
	client := mqtt.NewClient(options)
	if err := done(client.Connect()); err != nil {
		return fmt.Errorf("broker %s: %w", broker, err)
	}
	defer client.Disconnect(250) // milliseconds for what is under way
	fmt.Println("Connected to", broker)

	messages := make(chan mqtt.Message, 1)
	deliver := func(_ mqtt.Client, m mqtt.Message) { messages <- m }
	if err := done(client.Subscribe(topic, 1, deliver)); err != nil {
		return fmt.Errorf("subscribing to %s: %w", topic, err)
	}
	for i := 1; i <= *count; i++ {
		if i > 1 {
			time.Sleep(*every)
		}
		message := fmt.Sprintf("message %d of %d", i, *count)
		if err := done(client.Publish(topic, 1, false, message)); err != nil {
			return fmt.Errorf("broker %s: message %d: %w", broker, i, err)
		}
		select {
		case m := <-messages:
			fmt.Printf("%s: %s\n", m.Topic(), m.Payload())
		case err := <-lost:
			return fmt.Errorf("broker %s: message %d: %w", broker, i, err)
		case <-time.After(patience):
			return fmt.Errorf("broker %s: message %d: not delivered", broker, i)
		}
	}
	return nil
}

// done waits for what token stands for.
func done(token mqtt.Token) error {
	if !token.WaitTimeout(patience) {
		return os.ErrDeadlineExceeded
	}
	return token.Error()
}
