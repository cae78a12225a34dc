package icmpv4_test

import (
	"fmt"

	"github.com/netdev-go/netdev/wire/icmpv4"
)

func Example() {
	ping := icmpv4.Echo(7, 1)
	data := "are you there?"
	b := make([]byte, ping.Len()+len(data))
	copy(b[ping.Emit(b):], data)
	icmpv4.Message(b).FillChecksum()

	m, err := icmpv4.Parse(b)
	if err != nil || !m.ChecksumOK() {
		fmt.Println("not for us:", err)
		return
	}
	if m.Type() == icmpv4.TypeEcho {
		pong := icmpv4.EchoReply(m.ID(), m.Seq())
		pong.Emit(b) // the data stays where it is
		icmpv4.Message(b).FillChecksum()
		fmt.Printf("reply %d of %d: %q\n", m.Seq(), m.ID(), m.Payload())
	}
	// Output: reply 1 of 7: "are you there?"
}
