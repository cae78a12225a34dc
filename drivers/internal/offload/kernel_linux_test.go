//go:build !tinygo

package offload_test

import (
	"context"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// A kernelChip is a Chip whose firmware is the Linux kernel: what the sockets
// above it do is compared with something that nobody here has written.
type kernelChip struct {
	dev      *host.Device
	announce func(id int) // nil where it is polled

	mu    sync.Mutex
	news  []int // ids with something to tell
	told  chan struct{}
	socks []kernelSocket // by id
}

type kernelSocket struct {
	fd    int
	taken bool
	bound bool
}

func newKernelChip() *kernelChip {
	return &kernelChip{dev: host.New(), told: make(chan struct{}, 1)}
}

// add gives a descriptor of the kernel the lowest free id, so that ids are used
// again at once.
func (c *kernelChip) add(fd int) (int, error) {
	id := 0
	for id < len(c.socks) && c.socks[id].taken {
		id++
	}
	if id == len(c.socks) {
		c.socks = append(c.socks, kernelSocket{})
	}
	c.socks[id] = kernelSocket{fd: fd, taken: true}
	if err := c.dev.SetNonblock(fd, true); err != nil {
		return -1, err
	}
	// A chip does not have the megabytes of a kernel.
	if err := c.dev.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_SNDBUF, 16<<10); err != nil {
		return -1, err
	}
	if c.announce == nil {
		return id, nil
	}
	return id, c.dev.PollNotify(fd, func() {
		c.mu.Lock()
		c.news = append(c.news, id)
		c.mu.Unlock()
		select {
		case c.told <- struct{}{}:
		default:
		}
	})
}

func (c *kernelChip) fd(id int) int {
	if !c.socks[id].taken {
		panic("an id that was given back is used")
	}
	return c.socks[id].fd
}

func (c *kernelChip) Open(kind offload.Kind) (int, error) {
	stype := netdev.SOCK_STREAM
	switch kind {
	case offload.Datagram:
		stype = netdev.SOCK_DGRAM
	case offload.TLS:
		return -1, netdev.ErrProtocolNotSupported
	}
	fd, err := c.dev.Socket(netdev.AF_INET, stype, 0)
	if err != nil {
		return -1, err
	}
	return c.add(fd)
}

func (c *kernelChip) bind(id int, port uint16) error {
	if c.socks[id].bound {
		return nil
	}
	// A connection in TIME-WAIT does not keep its port from others, where both say so.
	if t, _ := c.dev.GetSockOpt(c.fd(id), netdev.SOL_SOCKET, netdev.SO_TYPE); t == netdev.SOCK_STREAM {
		if err := c.dev.SetSockOpt(c.fd(id), netdev.SOL_SOCKET, netdev.SO_REUSEADDR, true); err != nil {
			return err
		}
	}
	err := c.dev.Bind(c.fd(id), netip.AddrPortFrom(netip.IPv4Unspecified(), port))
	c.socks[id].bound = err == nil
	return err
}

func (c *kernelChip) Bind(id int, port uint16) error { return c.bind(id, port) }

func (c *kernelChip) Listen(id int, port uint16, backlog int) error {
	if err := c.bind(id, port); err != nil {
		return err
	}
	return c.dev.Listen(c.fd(id), backlog)
}

func (c *kernelChip) Accept(id int) (int, netip.AddrPort, error) {
	for {
		fd, peer, err := c.dev.Accept(c.fd(id))
		if err != nil {
			return -1, peer, err
		}
		if events, _ := c.dev.Poll(fd); events&netdev.PollErr != 0 {
			c.dev.Close(fd)
			continue
		}
		conn, err := c.add(fd)
		return conn, peer, err
	}
}

func (c *kernelChip) Connect(id int, local uint16, to netip.AddrPort, host string) error {
	if err := c.bind(id, local); err != nil {
		return err
	}
	return c.dev.Connect(c.fd(id), host, to)
}

func (c *kernelChip) Connected(id int) error {
	events, err := c.dev.Poll(c.fd(id))
	if err != nil {
		return err
	}
	if events&(netdev.PollOut|netdev.PollErr) == 0 {
		return netdev.ErrInProgress
	}
	return c.dev.Connect(c.fd(id), "", netip.AddrPortFrom(netip.IPv4Unspecified(), 1))
}

var atOnce time.Time

func (c *kernelChip) Send(id int, b []byte) (int, error) { return c.dev.Send(c.fd(id), b, 0, atOnce) }

func (c *kernelChip) Recv(id int, b []byte) (int, error) { return c.dev.Recv(c.fd(id), b, 0, atOnce) }

func (c *kernelChip) SendTo(id int, b []byte, to netip.AddrPort) error {
	_, err := c.dev.SendTo(c.fd(id), b, 0, to, atOnce)
	return err
}

func (c *kernelChip) RecvFrom(id int, b []byte) (int, netip.AddrPort, error) {
	return c.dev.RecvFrom(c.fd(id), b, 0, atOnce)
}

func (c *kernelChip) Close(id int, abort bool) error {
	fd := c.fd(id)
	if abort {
		c.dev.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_LINGER, 0)
	}
	c.dev.PollNotify(fd, nil)
	c.socks[id] = kernelSocket{}
	return c.dev.Close(fd)
}

func (c *kernelChip) CloseWrite(id int) error {
	return c.dev.Shutdown(c.fd(id), netdev.SHUT_WR)
}

func (c *kernelChip) SetOption(id, level, opt int, value any) error {
	return c.dev.SetSockOpt(c.fd(id), level, opt, value)
}

func (c *kernelChip) Idle(wake <-chan struct{}, d time.Duration) {
	var over <-chan time.Time
	if d == 0 {
		select {
		case <-c.told:
		default:
		}
	} else {
		if d > 0 {
			timer := time.NewTimer(d)
			defer timer.Stop()
			over = timer.C
		}
		select {
		case <-wake:
		case <-c.told:
		case <-over:
		}
	}
	c.mu.Lock()
	news := c.news
	c.news = nil
	c.mu.Unlock()
	for _, id := range news {
		c.announce(id)
	}
}

var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// kernelDevice returns a device whose chip is the kernel.
// ownPorts has the ports of kernelDevices be drawn from those that Linux gives to
// nobody by itself, each for one of them: a chip shares its ports with no other.
func ownPorts() uint64 {
	const first, many = 61000 - 49152, 65536 - 61000
	return first + portsDrawn.Add(1)*2731%many
}

var portsDrawn atomic.Uint64

func kernelDevice(tb testing.TB, config offload.Config) *device {
	chip := newKernelChip()
	config.Chip = chip
	config.Abort = true
	config.Rand = ownPorts
	config.Resolve = func(ctx context.Context, name string) ([]netip.Addr, error) {
		return chip.dev.LookupNetIP(ctx, "ip", name)
	}
	socks, core := offload.New(config)
	if !config.Polled {
		chip.announce = core.Signal
	}
	tb.Cleanup(core.Stop)
	core.Up(loopback)
	return &device{socks, core.Half()}
}
