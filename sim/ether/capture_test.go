package ether

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopacket/gopacket/pcapgo"
)

// A seen is what a capture says of a packet.
type seen struct {
	port     string
	in       bool
	number   int
	at       time.Duration
	comments string
}

func readCapture(t *testing.T, r io.Reader, start time.Time) []seen {
	t.Helper()
	ng, err := pcapgo.NewNgReader(r, pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	var all []seen
	for {
		data, info, options, err := ng.ReadPacketDataWithOptions()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		i, err := ng.Interface(info.InterfaceIndex)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, seen{
			i.Name, options.Flags.Direction == pcapgo.NgEpbFlagDirectionInbound, number(data),
			info.Timestamp.Sub(start), strings.Join(options.Comments, "; "),
		})
	}
}

func TestACaptureTellsWhatHappenedToFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var file bytes.Buffer
		c := NewCapture(&file)
		_, a, b, _ := three(t, SwitchConfig{})
		a.Capture(c)
		b.Capture(c)
		impair(t, a, Transmit, "delay 10ms")
		send(t, a, mac(b), 1)
		time.Sleep(20 * ms)
		send(t, b, mac(a), 101)
		impair(t, a, Transmit, "loss 100%")
		send(t, a, mac(b), 2)
		impair(t, a, Transmit, "")
		impair(t, b, Receive, "mtu 68")
		if err := a.SendOffsetEthFrame(numbered(mac(b), mac(a), 3, 200)); err != nil {
			t.Fatal(err)
		}
		impair(t, b, Receive, "duplicate 100%, reorder 100% 5ms")
		send(t, a, mac(b), 4)
		time.Sleep(20 * ms)
		b.Capture(nil)
		send(t, b, mac(a), 5)
		synctest.Wait()
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		send(t, a, mac(b), 6)
		a.Capture(c)
		send(t, a, mac(b), 7)

		got := readCapture(t, &file, start)
		want := []seen{
			{"a", false, 1, 0, ""},
			{"b", true, 1, 10 * ms, ""},
			{"b", false, 101, 20 * ms, ""},
			{"a", true, 101, 20 * ms, ""},
			{"a", false, 2, 20 * ms, "dropped: loss"},
			{"a", false, 3, 20 * ms, ""},
			{"b", true, 3, 20 * ms, "dropped: longer than the MTU"},
			{"a", false, 4, 20 * ms, ""},
			{"b", true, 4, 25 * ms, "reordered: held back"},
			{"b", true, 4, 25 * ms, "duplicate; reordered: held back"},
			{"a", true, 5, 40 * ms, ""},
		}
		if !slices.Equal(got, want) {
			for _, s := range got {
				t.Logf("%+v", s)
			}
			t.Errorf("want %+v", want)
		}
	})
}

func TestACorruptedFrameIsWhatTheReceiverSaw(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var file bytes.Buffer
		c := NewCapture(&file)
		a, b := cable(t, Config{}, Config{Queue: 1})
		a.Capture(c)
		b.Capture(c)
		impair(t, a, Transmit, "corrupt 100%")
		send(t, a, mac(b), 1, 2)
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		ng, err := pcapgo.NewNgReader(&file, pcapgo.DefaultNgReaderOptions)
		if err != nil {
			t.Fatal(err)
		}
		sent, _, before, err1 := ng.ReadPacketDataWithOptions()
		received, _, after, err2 := ng.ReadPacketDataWithOptions()
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		if number(sent) != 1 || bytes.Equal(sent, received) {
			t.Errorf("sent % x, received % x", sent, received)
		}
		for _, o := range []pcapgo.NgPacketOptions{before, after} {
			if len(o.Comments) != 1 || !strings.HasPrefix(o.Comments[0], "corrupted: bit ") {
				t.Errorf("comments %q", o.Comments)
			}
		}
		ng.ReadPacketDataWithOptions()
		if _, _, o, err := ng.ReadPacketDataWithOptions(); err != nil || len(o.Comments) != 2 || o.Comments[0] != "dropped: receive queue full" {
			t.Errorf("of a full queue: %q, %v", o.Comments, err)
		}
	})
}

// blocked is a file whose disk does not answer until it is released.
type blocked struct {
	bytes.Buffer
	once     sync.Once
	writing  chan struct{}
	released chan struct{}
}

func (b *blocked) Write(p []byte) (int, error) {
	b.once.Do(func() { close(b.writing) })
	<-b.released
	return b.Buffer.Write(p)
}

func TestASlowFileCostsPacketsAndNoTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := &blocked{writing: make(chan struct{}), released: make(chan struct{})}
		c := NewCapture(file)
		a, b := cable(t, Config{}, Config{})
		a.Capture(c)
		frame := numbered(mac(b), mac(a), 1, 1500)
		if err := a.SendOffsetEthFrame(frame); err != nil {
			t.Fatal(err)
		}
		<-file.writing
		start := time.Now()
		const n = 4000
		for range n {
			if err := a.SendOffsetEthFrame(frame); err != nil {
				t.Fatal(err)
			}
		}
		if d := time.Since(start); d != 0 {
			t.Errorf("the network waited for %v", d)
		}
		close(file.released)
		err := c.Close()
		if !errors.Is(err, ErrCaptureOverrun) {
			t.Errorf("close: %v", err)
		}
		got := len(readCapture(t, &file.Buffer, start))
		if fit := captureBuffer / (recordHeader + len(frame)); got != 1+fit {
			t.Errorf("%d packets in the file, want %d", got, 1+fit)
		}
	})
}

type failing struct{ after int }

var errDisk = errors.New("disk full")

func (f *failing) Write(p []byte) (int, error) {
	f.after--
	if f.after < 0 {
		return 0, errDisk
	}
	return len(p), nil
}

func TestCloseTellsOfAFailedFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for after := range 3 {
			c := NewCapture(&failing{after: after})
			a, b := cable(t, Config{}, Config{Queue: 100})
			a.Capture(c)
			for i := range 10 {
				send(t, a, mac(b), i)
				synctest.Wait()
			}
			if err := c.Close(); !errors.Is(err, errDisk) {
				t.Errorf("failing after %d writes: %v", after, err)
			}
		}
	})
}

func TestACaptureOfNoPortIsEmpty(t *testing.T) {
	var file bytes.Buffer
	if err := NewCapture(&file).Close(); err != nil || file.Len() != 0 {
		t.Errorf("%d bytes, %v", file.Len(), err)
	}
	if _, err := CreateCapture(filepath.Join(t.TempDir(), "no", "such")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that cannot be: %v", err)
	}
}

func TestTsharkReadsACapture(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("tshark is not installed: no second reader for the capture")
	}
	name := filepath.Join(t.TempDir(), "ether.pcapng")
	c, err := CreateCapture(name)
	if err != nil {
		t.Fatal(err)
	}
	a, b := cable(t, Config{Name: "board"}, Config{Name: "host"})
	a.Capture(c)
	b.Capture(c)
	send(t, a, mac(b), 1)
	impair(t, a, Transmit, "loss 100%")
	send(t, a, mac(b), 2)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(tshark, "-r", name, "-T", "fields", "-e", "frame.interface_name", "-e", "frame.packet_flags_direction",
		"-e", "frame.comment", "-e", "frame.len")
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	want := "board\t2\t\t60\nhost\t1\t\t60\nboard\t2\tdropped: loss\t60\nhost\t1\tdropped: loss\t60\n"
	got := strings.NewReplacer("0x00000001", "1", "0x00000002", "2").Replace(stdout.String())
	if got != want {
		t.Errorf("tshark read\n%s want\n%s", got, want)
	}
	for _, complaint := range []string{"cut short", "isn't a capture", "damaged", "corrupt"} {
		if strings.Contains(stderr.String(), complaint) {
			t.Errorf("tshark says: %s", stderr.String())
		}
	}
}
