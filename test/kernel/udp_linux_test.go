package kernel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	stdnet "net"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
	"github.com/netdev-go/netdev/wire/udp"
)

func (l *line) listenPacket(port int) (stdnet.PacketConn, error) {
	c := net.ListenConfig{Device: l.stack}
	return c.ListenPacket(context.Background(), "udp4", fmt.Sprintf(":%d", port))
}

func TestDatagramsOfAllSizesComeBack(t *testing.T) {
	l := plug(t, stack.Config{}, ether.Impairment{})
	sizes := []int{0, 1, 1471, 1472, 1473, 2960, 9000, 65507}
	echo := func(c stdnet.PacketConn) {
		buf := make([]byte, 1<<16)
		for {
			n, from, err := c.ReadFrom(buf)
			if err != nil {
				return
			}
			c.WriteTo(buf[:n], from)
		}
	}
	try := func(t *testing.T, c stdnet.Conn) {
		defer c.Close()
		src := rand.NewChaCha8([32]byte{1})
		got := make([]byte, 1<<16)
		for _, size := range sizes {
			want := make([]byte, size)
			src.Read(want)
			c.SetDeadline(time.Now().Add(10 * time.Second))
			if _, err := c.Write(want); err != nil {
				t.Errorf("%d bytes: %v", size, err)
				continue
			}
			n, err := c.Read(got)
			if err != nil || !bytes.Equal(got[:n], want) {
				t.Errorf("%d bytes came back as %d: %v", size, n, err)
			}
		}
	}
	t.Run("kernel to stack", func(t *testing.T) {
		c, err := l.listenPacket(7)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		go echo(c)
		d, err := stdnet.Dial("udp4", at(l.board, 7))
		if err != nil {
			t.Fatal(err)
		}
		try(t, d)
	})
	t.Run("stack to kernel", func(t *testing.T) {
		c, err := stdnet.ListenPacket("udp4", at(l.kernel, 7))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		go echo(c)
		d, err := l.dial("udp4", at(l.kernel, 7))
		if err != nil {
			t.Fatal(err)
		}
		try(t, d)
	})
}

func TestADatagramThatNobodyWantsIsRefused(t *testing.T) {
	l := plug(t, stack.Config{}, ether.Impairment{})
	for name, dial := range map[string]func() (stdnet.Conn, error){
		"by the stack":  func() (stdnet.Conn, error) { return stdnet.Dial("udp4", at(l.board, 9)) },
		"by the kernel": func() (stdnet.Conn, error) { return l.dial("udp4", at(l.kernel, 9)) },
	} {
		t.Run(name, func(t *testing.T) {
			c, err := dial()
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			c.SetDeadline(time.Now().Add(10 * time.Second))
			if _, err := c.Write([]byte("x")); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("Read = %v", err)
			}
		})
	}
}

// A datagram may come without a checksum (RFC 768).
func TestADatagramWithoutChecksumIsTaken(t *testing.T) {
	l := plug(t, stack.Config{}, ether.Impairment{})
	c, err := l.listenPacket(7)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	d := stdnet.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		return setInt(c, unix.SOL_SOCKET, unix.SO_NO_CHECK, 1)
	}}
	k, err := d.Dial("udp4", at(l.board, 7))
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	without := l.watch(func(p packet) bool {
		u, err := udp.Parse(p.Payload())
		return p.Protocol() == udp.Protocol && err == nil && u.Checksum() == 0
	})
	if _, err := k.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	c.SetDeadline(time.Now().Add(10 * time.Second))
	if n, _, err := c.ReadFrom(make([]byte, 10)); n != 1 || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
	without.await(t, "datagram without a checksum")
}
