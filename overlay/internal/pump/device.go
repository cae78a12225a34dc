package pump

import (
	"net/netip"
	"sync"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/internal/foreign"
)

// Poller returns dev with readiness: dev itself where it has that, and
// otherwise a Device that pumps it. The sockets that the Device knows are its
// own and those that they accept.
func Poller(dev netdev.Netdever) (netdev.Netdever, netdev.Poller) {
	if p, ok := netdev.As[netdev.Poller](dev); ok {
		return dev, p
	}
	d := &Device{dev: foreign.Device(dev), sockets: make(map[int]*socket)}
	return d, d
}

// A Device is a blocking device made pollable. Its sockets never block, from
// the start: that is all that the overlay needs.
type Device struct {
	dev     netdev.Netdever
	mu      sync.Mutex
	sockets map[int]*socket
}

var (
	_ netdev.Netdever       = (*Device)(nil)
	_ netdev.Poller         = (*Device)(nil)
	_ netdev.PacketNetdever = (*Device)(nil)
	_ netdev.SockNamer      = (*Device)(nil)
	_ netdev.Shutdowner     = (*Device)(nil)
)

// Unwrap returns the device that is pumped.
func (d *Device) Unwrap() netdev.Netdever { return d.dev }

func (d *Device) add(fd, typ int) *socket {
	s := newSocket(d.dev, fd, typ)
	d.mu.Lock()
	d.sockets[fd] = s
	d.mu.Unlock()
	return s
}

func (d *Device) socket(fd int) (*socket, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.sockets[fd]; s != nil {
		return s, nil
	}
	return nil, netdev.ErrInvalidSocketFd
}

func (d *Device) GetHostByName(name string) (netip.Addr, error) { return d.dev.GetHostByName(name) }
func (d *Device) Addr() (netip.Addr, error)                     { return d.dev.Addr() }

func (d *Device) Socket(domain, stype, protocol int) (int, error) {
	fd, err := d.dev.Socket(domain, stype, protocol)
	if err == nil {
		d.add(fd, stype)
	}
	return fd, err
}

func (d *Device) Bind(fd int, addr netip.AddrPort) error {
	s, err := d.socket(fd)
	if err != nil {
		return err
	}
	return s.bind(addr)
}

func (d *Device) Connect(fd int, host string, addr netip.AddrPort) error {
	s, err := d.socket(fd)
	if err != nil {
		return err
	}
	return s.connect(host, addr)
}

func (d *Device) Listen(fd, backlog int) error { return d.dev.Listen(fd, backlog) }

func (d *Device) Accept(fd int) (int, netip.AddrPort, error) {
	s, err := d.socket(fd)
	if err != nil {
		return -1, netip.AddrPort{}, err
	}
	c, err := s.accept()
	if err != nil {
		return -1, netip.AddrPort{}, err
	}
	conn := d.add(c.fd, netdev.SOCK_STREAM)
	conn.remote = c.peer
	conn.local = s.accepted(c.peer)
	return c.fd, c.peer, nil
}

func (d *Device) Send(fd int, buf []byte, flags int, _ time.Time) (int, error) {
	s, err := d.socket(fd)
	if err != nil {
		return 0, err
	}
	if s.typ != netdev.SOCK_STREAM {
		return d.dev.Send(fd, buf, flags&^netdev.MSG_DONTWAIT, time.Time{})
	}
	return s.send(buf)
}

// SendTo sends at once: no device waits long for a datagram.
func (d *Device) SendTo(fd int, buf []byte, flags int, to netip.AddrPort, _ time.Time) (int, error) {
	p, ok := netdev.As[netdev.PacketNetdever](d.dev)
	if !ok {
		return 0, netdev.ErrNotSupported
	}
	return p.SendTo(fd, buf, flags&^netdev.MSG_DONTWAIT, to, time.Time{})
}

func (d *Device) Recv(fd int, buf []byte, flags int, _ time.Time) (int, error) {
	n, _, err := d.RecvFrom(fd, buf, flags, time.Time{})
	return n, err
}

func (d *Device) RecvFrom(fd int, buf []byte, flags int, _ time.Time) (int, netip.AddrPort, error) {
	s, err := d.socket(fd)
	if err != nil {
		return 0, netip.AddrPort{}, err
	}
	if s.typ != netdev.SOCK_STREAM {
		return s.recvDatagram(buf, flags&netdev.MSG_PEEK != 0)
	}
	n, err := s.recv(buf, flags&netdev.MSG_PEEK != 0)
	return n, netip.AddrPort{}, err
}

func (d *Device) Close(fd int) error {
	d.mu.Lock()
	s := d.sockets[fd]
	delete(d.sockets, fd)
	d.mu.Unlock()
	if s == nil {
		return netdev.ErrInvalidSocketFd
	}
	return s.close()
}

func (d *Device) SetSockOpt(fd, level, opt int, value interface{}) error {
	err := d.dev.SetSockOpt(fd, level, opt, value)
	if level == netdev.SOL_SOCKET && opt == netdev.SO_LINGER {
		if s, e := d.socket(fd); e == nil && err == nil {
			sec, _ := netdev.OptInt(value)
			s.mu.Lock()
			s.discard = sec == 0
			s.mu.Unlock()
		}
	}
	return err
}

func (d *Device) GetSockName(fd int) (netip.AddrPort, error) {
	s, err := d.socket(fd)
	if err != nil {
		return netip.AddrPort{}, err
	}
	return s.name()
}

func (d *Device) GetPeerName(fd int) (netip.AddrPort, error) {
	s, err := d.socket(fd)
	if err != nil {
		return netip.AddrPort{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.remote.IsValid() {
		return netip.AddrPort{}, netdev.ErrNotConnected
	}
	return s.remote, nil
}

func (d *Device) Shutdown(fd, how int) error {
	s, err := d.socket(fd)
	if err != nil {
		return err
	}
	return s.shutdown(how)
}

func (d *Device) SetNonblock(fd int, nonblocking bool) error {
	if !nonblocking {
		return netdev.ErrNotSupported
	}
	_, err := d.socket(fd)
	return err
}

func (d *Device) PollNotify(fd int, f func()) error {
	s, err := d.socket(fd)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.notify = f
	s.mu.Unlock()
	return nil
}

func (d *Device) Poll(fd int) (netdev.PollEvents, error) {
	s, err := d.socket(fd)
	if err != nil {
		return 0, err
	}
	return s.poll(), nil
}
