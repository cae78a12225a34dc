package nina

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/chip"
	"github.com/netdev-go/netdev/sim/radio"
)

// What 0x20 answers.
const (
	statusIdle         = 0
	statusNoSSID       = 1
	statusScanDone     = 2
	statusConnected    = 3
	statusFailed       = 4
	statusLost         = 5
	statusDisconnected = 6
	statusListening    = 7
	statusStation      = 8
	statusAPFailed     = 9
)

// Reasons of ESP-IDF for the end of a connection.
const (
	reasonLeave   = 8
	reasonBeacon  = 200
	reasonNoAP    = 201
	reasonNotAuth = 202
)

// ipLost is how long an address is kept without a network.
const ipLost = 120 * time.Second

// wifi is the radio, and what the firmware remembers of it.
type wifi struct {
	status, reason byte
	accessPoint    bool              // the interface is that of an access point
	record         radio.AccessPoint // joined, or offered
	ip, mask, gw   [4]byte
	static         bool
	dns            [2][4]byte // that were set
	servers        [2][4]byte // that are asked
	hostname       string
	found          []radio.AccessPoint
	synced         bool // the clock is set

	station *radio.Station
	offered bool          // the access point is there
	life    int           // counts what ends a network, or the way to one
	over    chan struct{} // ends with the life
	up      bool          // the network was told to connect
	leases  int           // counts what begins and ends the use of an address
}

func (f *firmware) network() chip.Network { return f.chip.config.Network }

// begin joins a network in the background.
func (f *firmware) begin(ssid, passphrase string) {
	f.status = statusNoSSID
	f.accessPoint = false
	f.stopRadio()
	f.sleep(f.chip.config.StartTime)
	if f.hostname == "" {
		mac := f.chip.config.MAC
		f.hostname = fmt.Sprintf("arduino-%.2x%.2x", mac[4], mac[5])
	}
	f.newLife()
	f.spawn(func() { f.join(ssid, passphrase) })
}

func (f *firmware) newLife() {
	f.life++
	if f.over != nil {
		close(f.over)
	}
	f.over = make(chan struct{})
}

// join is the task of a station, until it is one no longer.
func (f *firmware) join(ssid, passphrase string) {
	life, over := f.life, f.over
	f.sleep(f.chip.config.JoinTime)
	if life != f.life {
		return
	}
	lost := make(chan struct{}, 1)
	station, err := f.chip.config.Air.Join(ssid, passphrase, func() { signal(lost) })
	if err != nil {
		f.reason = reasonNoAP
		if errors.Is(err, radio.ErrWrongPassphrase) {
			f.reason = reasonNotAuth
		}
		f.status = statusFailed
		return
	}
	f.reason = 0
	f.station = station
	f.record = station.AccessPoint()
	f.record.SSID = ssid
	f.spawn(func() { f.getAddress(life) })
	gone := false
	f.away(func() {
		select {
		case <-lost:
			gone = true
		case <-over:
		case <-f.dead:
		}
	})
	if gone && life == f.life {
		f.disconnected(reasonBeacon)
	}
}

// getAddress takes the network up. A static address need not be one that it can
// use.
func (f *firmware) getAddress(life int) {
	if life != f.life {
		return
	}
	var err error
	if f.up = f.configure(); f.up {
		params := &netlink.ConnectParams{Hostname: f.hostname}
		f.away(func() { err = f.network().NetConnect(params) })
	}
	if err != nil || life != f.life {
		return
	}
	if f.static {
		f.setServers()
	} else {
		f.readAddress()
	}
	f.leases++
	f.status = statusConnected
	f.reconnect()
	f.sleep(f.chip.config.SyncTime)
	f.synced = f.synced || life == f.life
}

// configure hands the addresses that were set to the network.
func (f *firmware) configure() bool {
	var prefix netip.Prefix
	var gateway netip.Addr
	var dns []netip.Addr
	if f.static {
		bits := 0
		for mask := binary.BigEndian.Uint32(f.mask[:]); mask != 0; mask <<= 1 {
			bits++
		}
		prefix = netip.PrefixFrom(netip.AddrFrom4(f.ip), bits)
		if f.gw != [4]byte{} && f.gw != f.ip {
			gateway = netip.AddrFrom4(f.gw)
		}
		for _, d := range f.dns {
			if d != [4]byte{} {
				dns = append(dns, netip.AddrFrom4(d))
			}
		}
	}
	return f.network().Configure(prefix, gateway, dns) == nil
}

// readAddress takes over what DHCP has found. A network does not tell its gateway,
// which is the name server here, or else the first address.
func (f *firmware) readAddress() {
	addr, err := f.network().Addr()
	if err != nil {
		return
	}
	f.ip = addr.As4()
	interfaces, _ := f.network().Interfaces()
	for _, i := range interfaces {
		for _, p := range i.Addrs {
			if p.Addr() != addr {
				continue
			}
			binary.BigEndian.PutUint32(f.mask[:], ^uint32(0)<<(32-p.Bits()))
			f.gw = p.Masked().Addr().Next().As4()
			servers := f.network().DNSServers()
			if len(servers) > 0 && p.Contains(servers[0]) {
				f.gw = servers[0].As4()
			}
		}
	}
	f.servers = [2][4]byte{}
	for i, a := range f.network().DNSServers() {
		if i < len(f.servers) {
			f.servers[i] = a.As4()
		}
	}
}

// setServers has the name servers asked that were set.
func (f *firmware) setServers() {
	for i, a := range f.dns {
		if a != [4]byte{} {
			f.servers[i] = a
		}
	}
}

// disconnected ends a station's connection, and all sockets with an address.
func (f *firmware) disconnected(reason byte) {
	f.newLife()
	f.station = nil
	f.record = radio.AccessPoint{}
	f.reason = reason
	f.status = statusDisconnected
	f.closeLocal()
	f.leaveNetwork()
	f.leases++
	lease := f.leases
	f.spawn(func() { f.loseAddress(lease) })
}

// loseAddress forgets the address of a network that does not come back, a static
// one too.
func (f *firmware) loseAddress(lease int) {
	f.sleep(ipLost)
	if lease == f.leases {
		f.ip, f.mask, f.gw, f.dns = [4]byte{}, [4]byte{}, [4]byte{}, [2][4]byte{}
		f.status = statusLost
	}
}

// leaveNetwork takes the network down. Sockets without an address go on.
func (f *firmware) leaveNetwork() {
	if !f.up {
		return
	}
	f.up = false
	f.network().NetDisconnect()
	f.renew()
}

// offNetwork is for a chip without power, whose tasks are over.
func (f *firmware) offNetwork() {
	if f.station != nil {
		f.station.Leave()
	}
	if f.up {
		f.network().NetDisconnect()
	}
}

// stopRadio ends whatever there is of a network.
func (f *firmware) stopRadio() {
	switch {
	case f.station != nil:
		f.station.Leave()
		f.disconnected(reasonLeave)
	case f.offered:
		f.offered = false
		f.status = statusIdle
		f.record = radio.AccessPoint{}
		f.ip, f.mask, f.gw = [4]byte{}, [4]byte{}, [4]byte{}
		f.newLife()
		f.leaveNetwork()
	default:
		f.newLife()
	}
}

// beginAP offers a network, and reports whether it can.
func (f *firmware) beginAP(ssid, passphrase string, security radio.Security, channel byte) bool {
	f.status = statusNoSSID
	f.accessPoint = true
	f.stopRadio()
	if channel > 13 || security != radio.Open && (len(passphrase) < 8 || len(passphrase) > 64) {
		f.status = statusAPFailed
		return false
	}
	f.status = statusNoSSID
	f.sleep(f.chip.config.StartTime)
	f.offered = true
	f.leases++
	f.record = radio.AccessPoint{SSID: ssid, Security: security, Channel: int(channel)}
	static := f.static
	if !static {
		f.ip, f.mask, f.gw = [4]byte{192, 168, 4, 1}, [4]byte{255, 255, 255, 0}, [4]byte{192, 168, 4, 1}
	}
	f.static = true
	ok := f.configure()
	f.static = static
	if ok {
		f.up = true
		f.away(func() { f.network().NetConnect(&netlink.ConnectParams{}) })
		f.reconnect()
	}
	f.status = statusListening
	return true
}

// Stations sets how many stations have joined the access point that the chip
// offers.
func (c *Chip) Stations(n int) {
	c.mu.Lock()
	f := c.run
	c.mu.Unlock()
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case !f.offered:
	case n > 0:
		f.status = statusStation
	default:
		f.status = statusListening
	}
}
