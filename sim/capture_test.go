package sim

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/netdev-go/netdev/sim/ether"
)

// captured has a board asked for a page, and returns the name of its capture.
func captured(t *testing.T, imp ether.Impairment) string {
	file := filepath.Join(t.TempDir(), "web.pcapng")
	inWorld(t, func(t *testing.T, w *world) {
		b, e := w.board(Config{Name: "web", Pcap: file, Impairment: imp, Seed: 1})
		exchange(t, w.host, "127.0.0.1:8080", listen(t, b, ":8080"), strings.Repeat("page ", 10_000))
		if said := e.all(); !strings.Contains(said, "frames are written to "+file+"\n") {
			t.Errorf("it says\n%s", said)
		}
	})
	return file
}

func TestACaptureHasAllThatTheBoardSaw(t *testing.T) {
	f, err := os.Open(captured(t, ether.Impairment{}))
	must(t, err)
	defer f.Close()
	r, err := pcapgo.NewNgReader(f, pcapgo.DefaultNgReaderOptions)
	must(t, err)
	counts := make(map[gopacket.LayerType]int)
	for {
		data, info, err := r.ReadPacketData()
		if errors.Is(err, io.EOF) {
			break
		}
		must(t, err)
		if i, err := r.Interface(info.InterfaceIndex); err != nil || i.Name != "web" {
			t.Fatalf("a frame of %q, %v", i.Name, err)
		}
		packet := gopacket.NewPacket(data, layers.LayerTypeEthernet, gopacket.Default)
		if failed := packet.ErrorLayer(); failed != nil {
			t.Errorf("%v in %v", failed.Error(), packet)
		}
		for _, layer := range packet.Layers() {
			counts[layer.LayerType()]++
		}
	}
	// A discovery and a release, and 50 kB either way.
	for layer, least := range map[gopacket.LayerType]int{layers.LayerTypeARP: 3, layers.LayerTypeDHCPv4: 5, layers.LayerTypeTCP: 80} {
		if counts[layer] < least {
			t.Errorf("%d packets of %v, want %d or more", counts[layer], layer, least)
		}
	}
}

func TestTsharkReadsACapture(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("tshark is not installed")
	}
	file := captured(t, ether.Impairment{Loss: 0.05, Delay: time.Millisecond, Reorder: 0.05, Duplicate: 0.02})
	cmd := exec.Command(tshark, "-r", file, "-o", "tcp.desegment_tcp_streams:FALSE", "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
		"-Y", `_ws.malformed || _ws.expert.severity == "Error" || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0`)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil || len(out) > 0 {
		t.Errorf("tshark complains (%v)\n%s%s", err, out, &stderr)
	}
}
