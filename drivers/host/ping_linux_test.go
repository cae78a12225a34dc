//go:build !tinygo

package host_test

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
)

// needPing skips where this user may not send ICMP, which is an error that
// says so.
func needPing(t *testing.T, d *host.Device) {
	t.Helper()
	if _, err := d.Ping(context.Background(), loopback, nil); errors.Is(err, netdev.ErrAccess) {
		t.Skipf("this user may not ping: %v", err)
	}
}

func TestPingAnswers(t *testing.T) {
	d := host.New()
	needPing(t, d)
	ctx, cancel := context.WithDeadline(context.Background(), soon())
	defer cancel()
	before := kernelFds(t)
	for _, addr := range []string{"127.0.0.1", "::ffff:127.0.0.1", "::1"} {
		if addr == "::1" {
			if fd, err := d.Socket(netdev.AF_INET6, netdev.SOCK_DGRAM, 0); err != nil {
				t.Logf("no IPv6 on this host: %v", err)
				continue
			} else {
				d.Close(fd)
			}
		}
		for _, size := range []int{0, 1, 56, 1 << 15} {
			rtt, err := d.Ping(ctx, netip.MustParseAddr(addr), bytes.Repeat([]byte{0xA5}, size))
			if err != nil || rtt <= 0 {
				t.Errorf("Ping %s with %d bytes = %v, %v", addr, size, rtt, err)
			}
		}
	}
	if after := kernelFds(t); after != before {
		t.Errorf("%d kernel descriptors, %d before", after, before)
	}
}

func TestConcurrentPings(t *testing.T) {
	d := host.New()
	needPing(t, d)
	ctx, cancel := context.WithDeadline(context.Background(), soon())
	defer cancel()
	var pings []<-chan result
	for range 8 {
		pings = append(pings, start(func() (int, error) { _, err := d.Ping(ctx, loopback, []byte("x")); return 0, err }))
	}
	for _, p := range pings {
		must(t, wait(t, "Ping", p).err)
	}
}

func TestPingEnds(t *testing.T) {
	d := host.New()
	needPing(t, d)
	if _, err := d.Ping(context.Background(), netip.Addr{}, nil); err != netdev.ErrInvalid {
		t.Errorf("Ping of no address: %v", err)
	}
	if _, err := d.Ping(context.Background(), loopback, make([]byte, 1<<17)); err != netdev.ErrMessageTooLong {
		t.Errorf("Ping of 128 KiB: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := d.Ping(ctx, loopback, nil); err != context.Canceled {
		t.Errorf("Ping with a context that is done: %v", err)
	}
	// Linux does not answer a broadcast, unless it is told to.
	ctx, cancel = context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if _, err := d.Ping(ctx, netip.MustParseAddr("127.255.255.255"), nil); err == nil {
		t.Log("this host answers broadcasts")
	} else if err != context.DeadlineExceeded {
		t.Errorf("Ping of nobody: %v", err)
	}
	d.NetDisconnect()
	if _, err := d.Ping(context.Background(), loopback, nil); err != netdev.ErrNetDown {
		t.Errorf("Ping while the link is down: %v", err)
	}
}
