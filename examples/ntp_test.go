package examples_test

import (
	"encoding/binary"
	"net"
	"regexp"
	"testing"
	"time"

	"github.com/beevik/ntp"
)

// timeServer is an SNTP server (RFC 4330 §6) whose clock is ahead by offset.
// spoil may change its answers, or lose them.
func timeServer(t *testing.T, offset time.Duration, spoil func(answer []byte) (lost bool)) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		request := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(request)
			if err != nil {
				return
			}
			if n < 48 {
				continue
			}
			now := timestamp(time.Now().Add(offset))
			answer := make([]byte, 48)
			answer[0] = request[0]&0x38 | 4 // no leap second, the client's version, server
			answer[1] = 2                   // stratum
			answer[2] = request[2]          // poll interval
			answer[3] = 0xEC                // precision, 2^-20 s
			copy(answer[12:], "LOCL")
			binary.BigEndian.PutUint64(answer[16:], now) // when the clock was last set
			copy(answer[24:32], request[40:48])          // the client's transmit time
			binary.BigEndian.PutUint64(answer[32:], now)
			binary.BigEndian.PutUint64(answer[40:], timestamp(time.Now().Add(offset)))
			if spoil != nil && spoil(answer) {
				continue
			}
			conn.WriteTo(answer, from)
		}
	}()
	return conn.LocalAddr().String()
}

// timestamp is seconds since 1900 with 32 bits of fraction.
func timestamp(t time.Time) uint64 {
	const from1900to1970 = 2208988800
	return uint64(t.Unix()+from1900to1970)<<32 | uint64(t.Nanosecond())<<32/1e9
}

// The server of these tests is ours, so a client that is not has to agree.
func TestTimeServerSatisfiesNTPClient(t *testing.T) {
	t.Parallel()
	resp, err := ntp.Query(timeServer(t, time.Hour, nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Validate(); err != nil {
		t.Error(err)
	}
	if off := (resp.ClockOffset - time.Hour).Abs(); off > time.Second {
		t.Errorf("the clock is ahead by %v, want an hour", resp.ClockOffset)
	}
}

func TestNTPClientTellsTheTime(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		out := succeed(t, d, "ntpclient", "-server", d.peer(timeServer(t, time.Hour, nil)))
		anHourFromNow(t, out)
	})
}

// anHourFromNow checks what ntpclient says.
func anHourFromNow(t *testing.T, out string) {
	t.Helper()
	m := regexp.MustCompile(`^The time is (\S+)\nThe clock here is off by (\S+); the answer took (\S+)\n$`).FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("the output is %q", out)
	}
	if now, err := time.Parse(time.RFC3339Nano, m[1]); err != nil || (time.Until(now)-time.Hour).Abs() > time.Minute {
		t.Errorf("the time is %s, %v; want an hour from now", m[1], err)
	}
	if off, err := time.ParseDuration(m[2]); err != nil || (off+time.Hour).Abs() > time.Second {
		t.Errorf("the clock is off by %s, %v; want -1h", m[2], err)
	}
}

func TestNTPClientRefusesAServerThatIsNotInTime(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		unsynchronized := d.peer(timeServer(t, 0, func(answer []byte) bool { answer[0] |= 0xC0; return false }))
		fail(t, []string{unsynchronized, "leap second"}, d, "ntpclient", "-server", unsynchronized)
		goAway := d.peer(timeServer(t, 0, func(answer []byte) bool { answer[1] = 0; copy(answer[12:], "RATE"); return false }))
		fail(t, []string{"kiss of death"}, d, "ntpclient", "-server", goAway)
	})
}

func TestNTPClientAsksAgain(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		asked := 0
		server := timeServer(t, 0, func([]byte) bool { asked++; return asked == 1 })
		contains(t, succeed(t, d, "ntpclient", "-server", d.peer(server)), "The time is ")
	})
}
