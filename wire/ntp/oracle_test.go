package ntp_test

import (
	"net"
	"testing"
	"time"

	oracle "github.com/beevik/ntp"

	"github.com/netdev-go/netdev/wire/ntp"
)

// serve answers one request on loopback with what answer makes of it.
func serve(t *testing.T, answer func(request ntp.Packet) ntp.Header) (addr string) {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() {
		conn.Close()
		<-done
	})
	go func() {
		defer close(done)
		b := make([]byte, 512)
		n, from, err := conn.ReadFrom(b)
		if err != nil {
			t.Errorf("no request came: %v", err)
			return
		}
		p, err := ntp.Parse(b[:n])
		if err != nil || p.Mode() != ntp.ModeClient || p.Version() != ntp.Version || p.TransmitTime() == 0 {
			t.Errorf("the request is % x, %v", b[:n], err)
			return
		}
		h := answer(p)
		if _, err := conn.WriteTo(b[:h.Emit(b)], from); err != nil {
			t.Error(err)
		}
	}()
	return conn.LocalAddr().String()
}

// Another client sets its clock by what we write.
func TestOracleBelievesUs(t *testing.T) {
	const ahead = 90 * time.Minute
	reference := time.Now().Add(-time.Minute).Truncate(time.Microsecond)
	addr := serve(t, func(p ntp.Packet) ntp.Header {
		return ntp.Header{
			Leap: ntp.LeapAdd, Version: p.Version(), Mode: ntp.ModeServer, Stratum: 2, Poll: 5, Precision: -20,
			RootDelay: ntp.ShortOf(250 * time.Millisecond), RootDispersion: ntp.ShortOf(125 * time.Millisecond),
			ReferenceID: [4]byte{192, 0, 2, 1}, ReferenceTime: ntp.TimestampOf(reference),
			OriginTime:   p.TransmitTime(),
			ReceiveTime:  ntp.TimestampOf(time.Now().Add(ahead)),
			TransmitTime: ntp.TimestampOf(time.Now().Add(ahead)),
		}
	})
	r, err := oracle.Query(addr)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Validate(); err != nil {
		t.Error(err)
	}
	if (r.ClockOffset - ahead).Abs() > 10*time.Second {
		t.Errorf("it finds us %v ahead", r.ClockOffset)
	}
	if !r.ReferenceTime.Equal(reference) {
		t.Errorf("it reads the reference time %v, want %v", r.ReferenceTime, reference)
	}
	if r.Leap != oracle.LeapAddSecond || r.Stratum != 2 || r.Poll != 32*time.Second || r.ReferenceString() != "192.0.2.1" ||
		r.RootDelay != 250*time.Millisecond || r.RootDispersion != 125*time.Millisecond {
		t.Errorf("it reads %+v", r)
	}
}

func TestOracleIsKissedToDeath(t *testing.T) {
	addr := serve(t, func(p ntp.Packet) ntp.Header {
		now := ntp.TimestampOf(time.Now())
		return ntp.Header{
			Leap: ntp.LeapUnknown, Version: p.Version(), Mode: ntp.ModeServer, ReferenceID: [4]byte{'R', 'A', 'T', 'E'},
			OriginTime: p.TransmitTime(), ReceiveTime: now, TransmitTime: now,
		}
	})
	r, err := oracle.Query(addr)
	if err != nil {
		t.Fatal(err)
	}
	if !r.IsKissOfDeath() || r.KissCode != ntp.KissRate.String() {
		t.Errorf("it reads %+v", r)
	}
}
