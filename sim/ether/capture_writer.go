package ether

import (
	"encoding/binary"
	"io"
	"strconv"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// A captureWriter turns the records of a Capture into pcapng blocks. After an
// error it writes nothing more.
type captureWriter struct {
	out   io.Writer
	ng    *pcapgo.NgWriter // from the first interface on
	known int              // interfaces written
	err   error
}

// addInterfaces writes those of all that the file does not have yet.
func (w *captureWriter) addInterfaces(all []captured) {
	for ; w.known < len(all) && w.err == nil; w.known++ {
		i := pcapgo.NgInterface{Name: all[w.known].name, LinkType: layers.LinkTypeEthernet}
		if w.ng != nil {
			_, w.err = w.ng.AddInterface(i)
			continue
		}
		w.ng, w.err = pcapgo.NewNgWriterInterface(w.out, i, pcapgo.NgWriterOptions{
			SectionInfo: pcapgo.NgSectionInfo{Application: "netdev"},
		})
	}
}

var (
	inbound  = &pcapgo.NgEpbFlags{Direction: pcapgo.NgEpbFlagDirectionInbound}
	outbound = &pcapgo.NgEpbFlags{Direction: pcapgo.NgEpbFlagDirectionOutbound}
)

func (w *captureWriter) write(records []byte) {
	for len(records) > 0 && w.err == nil {
		n := int(binary.LittleEndian.Uint32(records[18:]))
		info := gopacket.CaptureInfo{
			Timestamp:      time.Unix(0, int64(binary.LittleEndian.Uint64(records))),
			InterfaceIndex: int(binary.LittleEndian.Uint32(records[8:])),
			CaptureLength:  n,
			Length:         n,
		}
		ev := event{fault(binary.LittleEndian.Uint16(records[12:])), binary.LittleEndian.Uint32(records[14:])}
		options := pcapgo.NgPacketOptions{Flags: inbound, Comments: ev.comments()}
		if records[22] != 0 {
			options.Flags = outbound
		}
		w.err = w.ng.WritePacketWithOptions(info, records[recordHeader:recordHeader+n], options)
		records = records[recordHeader+n:]
	}
}

func (w *captureWriter) flush() {
	if w.ng != nil && w.err == nil {
		w.err = w.ng.Flush()
	}
}

// finish writes how many packets each interface saw, and how many are missing.
func (w *captureWriter) finish(all []captured, now time.Time) {
	for i := 0; i < w.known && w.err == nil; i++ {
		w.err = w.ng.WriteInterfaceStats(i, pcapgo.NgInterfaceStatistics{
			LastUpdate: now, PacketsReceived: all[i].received, PacketsDropped: all[i].missing,
		})
	}
	w.flush()
}

// comments say what happened to a frame, in the words of a capture.
func (ev event) comments() []string {
	var c []string
	for i, text := range [...]string{
		"dropped: loss", "dropped: burst loss", "dropped: longer than the MTU", "dropped: queue full",
		"dropped: receive queue full", "dropped: receiver closed", "dropped: refused",
		"corrupted: bit ", "duplicate", "reordered: held back",
	} {
		if ev.faults&(1<<i) == 0 {
			continue
		}
		if 1<<i == faultCorrupted {
			text += strconv.Itoa(int(ev.bit%8)) + " of byte " + strconv.Itoa(int(ev.bit/8))
		}
		c = append(c, text)
	}
	return c
}
