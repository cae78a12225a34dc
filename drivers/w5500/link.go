package w5500

import (
	"net/netip"
	"sync"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/dhcp"
	"github.com/netdev-go/netdev/drivers/internal/link"
	"github.com/netdev-go/netdev/netlink"
)

var _ link.Radio = (*radio)(nil)

// A radio is what drivers/internal/link calls one: here a cable, and the way to
// an address.
type radio struct {
	d        *Device
	hostname string
	client   *dhcp.Client // remembers the lease while the cable is out
	name     string       // that client was made with

	mu    sync.Mutex
	lease *dhcp.Lease // in use, or nil
	run   *leasing    // the DHCP client at work, or nil
}

func newRadio(d *Device) *radio { return &radio{d: d} }

// Join resets the chip. What answers is a W5500, or the join fails.
func (r *radio) Join(p *netlink.ConnectParams) error {
	if p.ConnectMode != netlink.ConnectModeSTA {
		return netlink.ErrConnectModeNoGood
	}
	r.hostname = p.Hostname
	if r.hostname == "" {
		r.hostname = r.d.config.Hostname
	}
	c := r.d.chip
	c.address, c.leaving = address{}, false
	err := c.boot()
	r.d.core.Reset(netdev.ErrNetDown)
	if err != nil {
		return err
	}
	return c.restore()
}

// Joined waits for the cable, then for the address.
func (r *radio) Joined() (netip.Addr, error) {
	c := r.d.chip
	linked, err := c.sane()
	if err != nil {
		return netip.Addr{}, c.failed(err)
	}
	if !linked {
		return netip.Addr{}, netdev.ErrWouldBlock
	}
	if p := r.d.config.Address; p.IsValid() {
		return p.Addr(), r.use(address{p, r.d.config.Gateway}, nil)
	}
	r.mu.Lock()
	l, running := r.lease, r.run
	r.mu.Unlock()
	switch {
	case l != nil:
		return l.Addr.Addr(), r.use(address{l.Addr, l.Router}, l)
	case running == nil:
		r.begin()
	}
	return netip.Addr{}, netdev.ErrWouldBlock
}

// use gives an address to the chip, and what came with it to those who ask.
func (r *radio) use(a address, l *dhcp.Lease) error {
	if a != r.d.chip.address {
		if err := r.d.chip.setAddress(a); err != nil {
			return r.d.chip.failed(err)
		}
	}
	d := r.d
	d.mu.Lock()
	defer d.mu.Unlock()
	d.current, d.servers, d.search = a, nil, nil
	if l != nil {
		d.servers = l.DNS
		if d.search = l.Search; len(d.search) == 0 && l.Domain != "" {
			d.search = []string{l.Domain}
		}
	}
	return nil
}

// Leave gives a lease back where there is still a cable to do so, which goes on
// after Leave has returned.
func (r *radio) Leave() error {
	r.d.chip.leaving = true
	linked, err := r.d.chip.sane()
	r.end(linked && err == nil)
	r.d.mu.Lock()
	r.d.current, r.d.servers, r.d.search = address{}, nil, nil
	r.d.mu.Unlock()
	return nil
}

// Alive is whether the chip is itself, and its cable has a link.
func (r *radio) Alive() error {
	linked, err := r.d.chip.sane()
	if err != nil {
		return r.d.chip.failed(err)
	}
	if !linked {
		return netdev.ErrNetDown
	}
	return nil
}
