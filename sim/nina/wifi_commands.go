package nina

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"github.com/netdev-go/netdev/sim/radio"
)

// text reads a parameter, as far as the first NUL.
func text(b []byte) string {
	s, _, _ := strings.Cut(string(b), "\x00")
	return s
}

// parameter returns the one whose length of a byte stands at command[at], as text,
// and where it ends. One longer than limit is copied beyond an array.
func (f *firmware) parameter(command []byte, at, limit int) (string, int) {
	n := int(command[at])
	if n > limit {
		f.hurt("a parameter of %d bytes for an array of %d", n, limit)
	}
	return text(command[at+1 : at+1+n]), at + 1 + n
}

const (
	maxSSID       = 32
	maxPassphrase = 64
	maxKey        = 26
)

func setNet(f *firmware, command, response []byte) int {
	ssid, _ := f.parameter(command, 3, maxSSID)
	f.begin(ssid, "")
	return one(response, 1)
}

func setPassphrase(f *firmware, command, response []byte) int {
	ssid, next := f.parameter(command, 3, maxSSID)
	passphrase, _ := f.parameter(command, next, maxPassphrase)
	f.begin(ssid, passphrase)
	return one(response, 1)
}

func setKey(f *firmware, command, response []byte) int {
	ssid, next := f.parameter(command, 3, maxSSID)
	key, _ := f.parameter(command, next+2, maxKey)
	f.begin(ssid, key)
	return one(response, 1)
}

// setEnterprise never authenticates.
func setEnterprise(f *firmware, _, response []byte) int {
	f.status = statusNoSSID
	f.accessPoint = false
	f.stopRadio()
	f.reason, f.status = reasonNotAuth, statusFailed
	return one(response, 1)
}

// setIPConfig forgets to say 1.
func setIPConfig(f *firmware, command, response []byte) int {
	f.static = true
	f.ip, f.gw, f.mask = [4]byte(command[6:]), [4]byte(command[11:]), [4]byte(command[16:])
	f.servers = [2][4]byte{}
	return one(response, 0)
}

func setDNSConfig(f *firmware, command, response []byte) int {
	f.dns = [2][4]byte{[4]byte(command[6:]), [4]byte(command[11:])}
	f.setServers()
	return one(response, 1)
}

func setHostname(f *firmware, command, response []byte) int {
	name, _ := f.parameter(command, 3, 255)
	f.hostname = name[:min(len(name), 32)]
	return one(response, 1)
}

func setAPNet(f *firmware, command, response []byte) int {
	ssid, next := f.parameter(command, 3, maxSSID)
	return one(response, success(f.beginAP(ssid, "", radio.Open, command[next+1])))
}

func setAPPassphrase(f *firmware, command, response []byte) int {
	ssid, next := f.parameter(command, 3, maxSSID)
	passphrase, next := f.parameter(command, next, maxPassphrase)
	return one(response, success(f.beginAP(ssid, passphrase, radio.WPA2, command[next+1])))
}

func getDNSConfig(f *firmware, _, response []byte) int {
	response[2], response[3], response[8] = 2, 4, 4
	copy(response[4:], f.servers[0][:])
	copy(response[9:], f.servers[1][:])
	return 14
}

func getReason(f *firmware, _, response []byte) int { return one(response, f.reason) }

func getStatus(f *firmware, _, response []byte) int { return one(response, f.status) }

func getIP(f *firmware, _, response []byte) int {
	response[2], response[3], response[8], response[13] = 3, 4, 4, 4
	copy(response[4:], f.ip[:])
	copy(response[9:], f.mask[:])
	copy(response[14:], f.gw[:])
	return 19
}

func getMAC(f *firmware, _, response []byte) int {
	mac := f.mac()
	return one(response, mac[:]...)
}

// mac is the interface's address, from its end. An access point's is the next one.
func (f *firmware) mac() [6]byte {
	mac := f.chip.config.MAC
	if f.accessPoint {
		mac[5]++
	}
	return reversed(mac)
}

func reversed(mac [6]byte) [6]byte {
	slices.Reverse(mac[:])
	return mac
}

func getSSID(f *firmware, _, response []byte) int { return one(response, []byte(f.record.SSID)...) }

func getBSSID(f *firmware, _, response []byte) int {
	bssid := reversed(f.record.BSSID)
	if f.accessPoint {
		bssid = f.mac()
	}
	return one(response, bssid[:]...)
}

func getRSSI(f *firmware, _, response []byte) int {
	n := 0
	if f.station != nil {
		f.record.RSSI = f.station.AccessPoint().RSSI
		n = f.record.RSSI
	}
	return one(response, littleEndian32(uint32(n))...)
}

func getEncryption(f *firmware, _, response []byte) int {
	return one(response, encryption(f.record.Security))
}

func encryption(s radio.Security) byte {
	switch s {
	case radio.Open:
		return 7
	case radio.WPA:
		return 2
	}
	return 4
}

func littleEndian32(n uint32) []byte { return binary.LittleEndian.AppendUint32(nil, n) }

func disconnect(f *firmware, _, response []byte) int {
	f.stopRadio()
	return one(response, 1)
}

// maxFound is how many results of a scan are kept.
const maxFound = 10

// scan starts the radio anew, which ends the connection there was.
func scan(f *firmware, _, response []byte) int {
	f.stopRadio()
	f.sleep(f.chip.config.StartTime + f.chip.config.ScanTime)
	f.found = slices.DeleteFunc(f.chip.config.Air.Scan(), func(p radio.AccessPoint) bool { return p.SSID == "" })
	slices.SortStableFunc(f.found, func(a, b radio.AccessPoint) int { return cmp.Compare(b.RSSI, a.RSSI) })
	f.found = f.found[:min(len(f.found), maxFound)]
	f.status = statusScanDone
	n := 3
	response[2] = byte(len(f.found))
	for _, p := range f.found {
		ssid := p.SSID[:min(len(p.SSID), maxSSID)]
		response[n] = byte(len(ssid))
		n += 1 + copy(response[n+1:], ssid)
	}
	return n + 1
}

// entry returns an entry of the scan, of which there are ten, filled or not.
func (f *firmware) entry(i byte) (p radio.AccessPoint) {
	if i >= maxFound {
		f.harm("entry %d of a scan", i)
		return p
	}
	if int(i) < len(f.found) {
		p = f.found[i]
	}
	return p
}

func getFoundRSSI(f *firmware, command, response []byte) int {
	return one(response, littleEndian32(uint32(f.entry(command[4]).RSSI))...)
}

func getFoundEncryption(f *firmware, command, response []byte) int {
	return one(response, encryption(f.entry(command[4]).Security))
}

func getFoundBSSID(f *firmware, command, response []byte) int {
	bssid := reversed(f.entry(command[4]).BSSID)
	return one(response, bssid[:]...)
}

func getFoundChannel(f *firmware, command, response []byte) int {
	return one(response, byte(f.entry(command[4]).Channel))
}

func getVersion(f *firmware, _, response []byte) int {
	version := make([]byte, 6)
	copy(version, f.chip.config.Firmware)
	return one(response, version...)
}

// firstTime is the earliest that the firmware takes for a time that was set.
const firstTime = 946684800

func getTime(f *firmware, _, response []byte) int {
	var now int64
	if f.synced {
		if now = time.Now().Unix(); now < firstTime {
			now = 0
		}
	}
	return one(response, littleEndian32(uint32(now))...)
}

func acknowledge(_ *firmware, _, response []byte) int { return one(response, 1) }

func getZero(_ *firmware, _, response []byte) int { return one(response, 0) }

func getAnalog(_ *firmware, _, response []byte) int { return one(response, 0, 0) }

// getTemperature is a float, of 20 °C.
func getTemperature(_ *firmware, _, response []byte) int {
	return one(response, 0, 0, 0xA0, 0x41)
}
