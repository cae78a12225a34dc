package nina

import (
	"context"
	"encoding/binary"
	"net/netip"
	"time"
)

// resolve resolves a name, which blocks the chip.
func (f *firmware) resolve(host string) (addr [4]byte, ok bool) {
	addr = [4]byte{255, 255, 255, 255}
	f.sleep(f.chip.config.DNSTime)
	if a, err := netip.ParseAddr(host); err == nil && a.Is4() {
		return a.As4(), true
	}
	var addrs []netip.Addr
	f.away(func() { addrs, _ = f.network().LookupNetIP(f.ctx, "ip4", host) })
	if len(addrs) == 0 {
		return addr, false
	}
	return addrs[0].Unmap().As4(), true
}

func requestHostByName(f *firmware, command, response []byte) int {
	host, _ := f.parameter(command, 3, 255)
	addr, ok := f.resolve(host)
	f.resolved = addr
	return one(response, success(ok))
}

func getHostByName(f *firmware, _, response []byte) int { return one(response, f.resolved[:]...) }

// pingTime is how long a ping waits for its reply, whatever else it hears.
const pingTime = 5 * time.Second

// ping needs a socket of its own, of which there may be none.
func ping(f *firmware, command, response []byte) int {
	addr := netip.AddrFrom4([4]byte(command[4:]))
	result := int16(-1)
	s := &socket{fd: -1, changed: make(chan struct{}, 1)}
	if fd := f.take(s); fd >= 0 {
		if d, ok := f.echo(addr); ok {
			result = int16(d / time.Millisecond)
		}
		f.sockets[fd-firstSocket] = nil
	}
	return one(response, binary.LittleEndian.AppendUint16(nil, uint16(result))...)
}

func (f *firmware) echo(addr netip.Addr) (d time.Duration, ok bool) {
	start := time.Now()
	ctx, cancel := context.WithTimeout(f.ctx, pingTime)
	defer cancel()
	payload := make([]byte, 32)
	for i := range payload {
		payload[i] = byte(i)
	}
	var err error
	f.away(func() { d, err = f.network().Ping(ctx, addr, payload) })
	if err != nil {
		f.sleep(time.Until(start.Add(pingTime)))
	}
	return d, err == nil
}
