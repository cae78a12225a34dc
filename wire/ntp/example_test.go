package ntp_test

import (
	"fmt"
	"time"

	"github.com/netdev-go/netdev/wire/ntp"
)

func Example() {
	// The client's clock is a day behind.
	clock := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	request := make([]byte, ntp.HeaderLen)
	header := ntp.ClientHeader(ntp.TimestampOf(clock))
	header.Emit(request)

	answer := serverAnswer(request)
	p, err := ntp.Parse(answer)
	if err != nil || p.Mode() != ntp.ModeServer || p.OriginTime() != header.TransmitTime || !p.Synchronized() {
		fmt.Println("dropped:", err)
		return
	}
	arrived := ntp.TimestampOf(clock.Add(40 * time.Millisecond))
	offset, delay := ntp.Measure(header.TransmitTime, p.ReceiveTime(), p.TransmitTime(), arrived)
	fmt.Println(offset.Round(time.Millisecond), delay.Round(time.Millisecond), p.TransmitTime().Time(clock).Format(time.DateOnly))
	// Output: 24h0m0s 40ms 2026-06-02
}

// serverAnswer is what a server a day ahead and 20 ms away sends.
func serverAnswer(request []byte) []byte {
	now := ntp.TimestampOf(time.Date(2026, 6, 2, 12, 0, 0, 20e6, time.UTC))
	header := ntp.Header{
		Version:      ntp.Version,
		Mode:         ntp.ModeServer,
		Stratum:      1,
		ReferenceID:  [4]byte{'G', 'P', 'S'},
		OriginTime:   ntp.Packet(request).TransmitTime(),
		ReceiveTime:  now,
		TransmitTime: now,
	}
	b := make([]byte, ntp.HeaderLen)
	header.Emit(b)
	return b
}
