package dhcp

import (
	"net/netip"
	"strings"
	"time"

	"github.com/netdev-go/netdev/wire/dhcpv4"
)

// optFQDN is the option of RFC 4702.
const optFQDN dhcpv4.Code = 81

// Output writes the next message that is to be sent, from port 68 to port 67 of dst,
// and returns its length, or false if there is none now. The source address is that
// in the message's ciaddr, which is 0.0.0.0 for as long as the client has none; dst is
// 255.255.255.255 or a server. b needs [dhcpv4.MaxLen] bytes; in a shorter one a
// message that does not fit stays where it is.
func (c *Client) Output(now time.Duration, b []byte) (n int, dst netip.Addr, ok bool) {
	if c.send == 0 {
		return 0, netip.Addr{}, false
	}
	secs := c.secs
	if c.state != StateRequesting {
		// RFC 2131 §4.4.1: DHCPREQUEST has the secs of its DHCPDISCOVER.
		secs = uint16(min((now-c.began)/time.Second, 0xffff))
	}
	h := c.header(secs)
	w := dhcpv4.NewWriter(b, &h)
	c.options(&w)
	n, err := w.End()
	if err != nil {
		return 0, netip.Addr{}, false
	}
	c.secs = secs
	dst = broadcast
	if c.send == dhcpv4.Release || c.state == StateRenewing {
		dst = c.server
	}
	switch {
	case c.send == dhcpv4.Request && c.asked == 0:
		c.asked = now
	case c.send == dhcpv4.Decline:
		c.addr = netip.Addr{}
	}
	c.send = 0
	return n, dst, true
}

// header and options are as RFC 2131's table 5 has them.
func (c *Client) header(secs uint16) dhcpv4.Header {
	h := dhcpv4.ClientHeader(c.xid, c.cfg.HardwareAddr)
	if c.extending() || c.send == dhcpv4.Release {
		h.CIAddr = c.addr
	}
	if c.asks() {
		h.Secs = secs
		if c.cfg.Broadcast && !c.extending() {
			h.Flags = dhcpv4.FlagBroadcast
		}
	}
	return h
}

func (c *Client) options(w *dhcpv4.Writer) {
	w.Type(c.send)
	if c.cfg.ClientID != "" {
		w.Text(dhcpv4.OptClientID, c.cfg.ClientID)
	}
	if c.addr.IsValid() && !c.extending() && c.send != dhcpv4.Release {
		w.Addrs(dhcpv4.OptRequestedIP, c.addr)
	}
	if c.state == StateRequesting || !c.asks() {
		w.Addrs(dhcpv4.OptServerID, c.server)
	}
	if !c.asks() {
		return
	}
	w.Uint16(dhcpv4.OptMaxMessageSize, uint16(c.cfg.MaxMessageSize))
	w.Text(dhcpv4.OptParameterList, parameters)
	if c.cfg.VendorClass != "" {
		w.Text(dhcpv4.OptVendorClass, c.cfg.VendorClass)
	}
	c.hostname(w)
}

// asks reports whether the next message wants a lease or more of one.
func (c *Client) asks() bool { return c.send == dhcpv4.Discover || c.send == dhcpv4.Request }

func (c *Client) extending() bool { return c.state == StateRenewing || c.state == StateRebinding }

// hostname writes the client's name. RFC 4702 §3: a full one takes the place of the
// host's.
func (c *Client) hostname(w *dhcpv4.Writer) {
	const (
		update = 1 << 0 // S: the server shall enter the address of the name
		binary = 1 << 2 // E: the name is as in a DNS message
	)
	name := c.cfg.Hostname
	switch {
	case name == "":
	case strings.IndexByte(name, '.') < 0:
		w.Text(dhcpv4.OptHostName, name)
	default:
		var buf [3 + maxText + 2]byte
		b := append(buf[:0], update|binary, 0, 0)
		for rest, more := name, true; more; {
			var label string
			label, rest, more = strings.Cut(rest, ".")
			if n := len(label); n > 0 && n <= maxLabel {
				b = append(append(b, byte(n)), label...)
			}
		}
		w.Bytes(optFQDN, append(b, 0))
	}
}
