// Natiu is an MQTT client with soypat/natiu-mqtt, which is made for boards: it
// subscribes to a topic, publishes there, and prints what the broker delivers.
//
// On the host, over a netdev or as an ordinary program:
//
//	netdev run ./examples/mqttclient/natiu -broker host:1883
//	go run ./examples/mqttclient/natiu -broker 127.0.0.1:1883 -count 10 -every 1s
//
// On a board, which has no flags:
//
//	tinygo flash -target=nano-rp2040 -ldflags="-X main.ssid=NAME -X main.pass=SECRET -X main.broker=192.0.2.7:1883" ./examples/mqttclient/natiu
package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	mqtt "github.com/soypat/natiu-mqtt"

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
	flag.StringVar(&broker, "broker", broker, "`host:port` of the MQTT broker")
	flag.StringVar(&topic, "topic", cmp.Or(topic, "netdev/natiu"), "where to publish and subscribe")
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "natiu:", err)
		os.Exit(1)
	}
}

func run() error {
	switch {
	case flag.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flag.Arg(0))
	case broker == "":
		return errors.New("no broker: give -broker host:port")
	}
	link, _ := probe.Probe()
	if err := link.NetConnect(&netlink.ConnectParams{Ssid: ssid, Passphrase: pass}); err != nil {
		return err
	}

	conn, err := net.DialTimeout("tcp", broker, patience)
	if err != nil {
		return err
	}
	defer conn.Close()
	var last []byte // the message delivered last
	client := mqtt.NewClient(mqtt.ClientConfig{
		OnPub: func(_ mqtt.Header, v mqtt.VariablesPublish, r io.Reader) (err error) {
			last, err = io.ReadAll(r)
			fmt.Printf("%s: %s\n", v.TopicName, last)
			return err
		},
	})
	if err := subscribe(conn, client); err != nil {
		return fmt.Errorf("broker %s: %w", broker, err)
	}
	// The library wants an identifier, though nothing has one at QoS 0.
	publish := mqtt.VariablesPublish{TopicName: []byte(topic), PacketIdentifier: 1}
	for i := 1; i <= *count; i++ {
		if i > 1 {
			time.Sleep(*every)
		}
		message := fmt.Appendf(nil, "message %d of %d", i, *count)
		conn.SetDeadline(time.Now().Add(patience))
		err := client.PublishPayload(0, publish, message) // 0 is QoS 0
		for err == nil && !bytes.Equal(last, message) {
			err = client.HandleNext()
		}
		if err != nil {
			return fmt.Errorf("broker %s: message %d: %w", broker, i, err)
		}
	}
	return client.Disconnect(errors.New("done"))
}

func subscribe(conn net.Conn, client *mqtt.Client) error {
	conn.SetDeadline(time.Now().Add(patience))
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var vc mqtt.VariablesConnect
	vc.SetDefaultMQTT([]byte("netdev-natiu"))
	if err := client.Connect(ctx, conn, &vc); err != nil {
		return err
	}
	fmt.Println("Connected to", conn.RemoteAddr())
	return client.Subscribe(ctx, mqtt.VariablesSubscribe{
		PacketIdentifier: 1,
		TopicFilters:     []mqtt.SubscribeRequest{{TopicFilter: []byte(topic), QoS: mqtt.QoS0}},
	})
}
