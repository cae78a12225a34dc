package ether

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// arrivals hands out the numbers of the frames that a device receives.
func arrivals(d *Device) <-chan int {
	c := make(chan int, 100)
	d.SetEthRecvHandler(func(frame []byte) { c <- number(frame) })
	return c
}

func wantArrivals(t *testing.T, c <-chan int, want ...int) {
	t.Helper()
	late := time.After(10 * time.Second)
	for _, w := range want {
		select {
		case n := <-c:
			if n != w {
				t.Errorf("frame %d arrived, want %d", n, w)
			}
		case <-late:
			t.Fatalf("frame %d did not arrive", w)
		}
	}
}

func listenUDP(t testing.TB) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// sockets returns two devices whose sockets are joined.
func sockets(t testing.TB, network string) (x, y *Device) {
	t.Helper()
	var err1, err2 error
	switch network {
	case "udp":
		p, q := listenUDP(t), listenUDP(t)
		x, err1 = OpenPacketConn(Config{Name: "x"}, p, q.LocalAddr())
		y, err2 = OpenPacketConn(Config{Name: "y"}, q, p.LocalAddr())
	case "unix":
		dir := t.TempDir()
		p, q := filepath.Join(dir, "p"), filepath.Join(dir, "q")
		x, err1 = OpenUnix(Config{Name: "x"}, p, q)
		y, err2 = OpenUnix(Config{Name: "y"}, q, p)
	}
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(x.Close(), y.Close()); err != nil {
			t.Error(err)
		}
	})
	return x, y
}

func TestSocketsJoinTwoSwitches(t *testing.T) {
	for _, network := range []string{"udp", "unix"} {
		t.Run(network, func(t *testing.T) {
			x, y := sockets(t, network)
			left, right := NewSwitch(SwitchConfig{}), NewSwitch(SwitchConfig{})
			a, b := open(t, left, Config{Name: "a"}), open(t, right, Config{Name: "b"})
			for s, d := range map[*Switch]*Device{left: x, right: y} {
				if _, err := s.Attach(Config{Name: "uplink"}, d); err != nil {
					t.Fatal(err)
				}
			}
			inA, inB := arrivals(a), arrivals(b)
			send(t, a, mac(b), 1, 2, 3)
			wantArrivals(t, inB, 1, 2, 3)
			send(t, b, mac(a), 4)
			wantArrivals(t, inA, 4)
			if s := right.Stats(); s.Forwarded != 1 {
				t.Errorf("the right switch did not learn over the socket: %+v", s)
			}
		})
	}
}

func TestAFrameIsOneDatagram(t *testing.T) {
	peer, stranger := listenUDP(t), listenUDP(t)
	defer peer.Close()
	defer stranger.Close()
	conn := listenUDP(t)
	d, err := OpenPacketConn(Config{}, conn, peer.LocalAddr())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	in := arrivals(d)

	frame := numbered(everybody, mac(d), 1, 1514)
	if err := d.SendOffsetEthFrame(frame); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 2000)
	peer.SetReadDeadline(time.Now().Add(10 * time.Second))
	if n, err := peer.Read(buf); err != nil || string(buf[:n]) != string(frame) {
		t.Errorf("%d bytes, %v", n, err)
	}

	write := func(from *net.UDPConn, b []byte) {
		if _, err := from.WriteTo(b, conn.LocalAddr()); err != nil {
			t.Error(err)
		}
	}
	write(stranger, numbered(mac(d), everybody, 5, 60))
	write(peer, make([]byte, 13))
	write(peer, make([]byte, 1515))
	write(peer, numbered(mac(d), mac(d), 6, 60))
	wantArrivals(t, in, 6)
	if s := d.Stats(Receive); s.Refused != 2 || s.Frames != 3 || s.Delivered != 1 {
		t.Errorf("%+v", s)
	}
}

// nobody is a socket that takes nothing.
type nobody struct {
	net.PacketConn
	writes chan struct{}
}

func (n nobody) WriteTo([]byte, net.Addr) (int, error) {
	n.writes <- struct{}{}
	return 0, errors.New("nobody listens")
}

func TestWhatASocketDoesNotTakeIsRefused(t *testing.T) {
	conn := nobody{listenUDP(t), make(chan struct{})}
	d, err := OpenPacketConn(Config{}, conn, conn.LocalAddr())
	if err != nil {
		t.Fatal(err)
	}
	send(t, d, everybody, 1, 2)
	<-conn.writes
	<-conn.writes // the first is counted by now
	if s := d.Stats(Transmit); s.Refused == 0 || s.Delivered+s.Refused != 2 {
		t.Errorf("%+v", s)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

// broken is a socket that fails for good.
type broken struct{ net.PacketConn }

var errBroken = errors.New("broken")

func (broken) ReadFrom([]byte) (int, net.Addr, error) { return 0, nil, errBroken }

func TestADeviceWhoseSocketFailsClosesItself(t *testing.T) {
	conn := broken{listenUDP(t)}
	d, err := OpenPacketConn(Config{}, conn, conn.LocalAddr())
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-d.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("the device is still open")
	}
	if err := d.Close(); !errors.Is(err, errBroken) {
		t.Errorf("close: %v", err)
	}
}

func TestADeviceClosesWithItsSocket(t *testing.T) {
	conn := listenUDP(t)
	d, err := OpenPacketConn(Config{}, conn, conn.LocalAddr())
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	select {
	case <-d.Done():
	case <-time.After(10 * time.Second):
		t.Error("the device is still open")
	}
}

func TestWrongSocketsAreErrors(t *testing.T) {
	conn := listenUDP(t)
	defer conn.Close()
	for name, f := range map[string]func() (*Device, error){
		"a port in use":   func() (*Device, error) { return OpenUDP(Config{}, conn.LocalAddr().String(), "127.0.0.1:9") },
		"no local":        func() (*Device, error) { return OpenUDP(Config{}, "here", "127.0.0.1:9") },
		"no remote":       func() (*Device, error) { return OpenUDP(Config{}, "127.0.0.1:0", "there") },
		"an MTU":          func() (*Device, error) { return OpenUDP(Config{MTU: 1}, "127.0.0.1:0", "127.0.0.1:9") },
		"no peer":         func() (*Device, error) { return OpenPacketConn(Config{}, conn, nil) },
		"another network": func() (*Device, error) { return OpenPacketConn(Config{}, conn, &net.UnixAddr{Name: "x"}) },
		"no such folder":  func() (*Device, error) { return OpenUnix(Config{}, filepath.Join(t.TempDir(), "a", "b"), "c") },
	} {
		if _, err := f(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// echoDir tells this program to be the other process of the test below.
const echoDir = "ETHER_TEST_ECHO"

func TestMain(m *testing.M) {
	if dir := os.Getenv(echoDir); dir != "" {
		echo(dir)
		return
	}
	os.Exit(m.Run())
}

// echo sends frames back until its standard input ends.
func echo(dir string) {
	s := NewSwitch(SwitchConfig{})
	up, err := OpenUnix(Config{Name: "child"}, filepath.Join(dir, "child"), filepath.Join(dir, "parent"))
	if err != nil {
		panic(err)
	}
	if _, err := s.Attach(Config{}, up); err != nil {
		panic(err)
	}
	d, err := s.Open(Config{Name: "echo"})
	if err != nil {
		panic(err)
	}
	d.SetEthRecvHandler(func(frame []byte) {
		d.SendOffsetEthFrame(numbered([6]byte(frame[6:12]), mac(d), number(frame)+100, 60))
	})
	os.Stdout.WriteString("ready\n")
	os.Stdin.Read(make([]byte, 1))
	up.Close()
	s.Close()
}

func TestTwoProcessesShareANetwork(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	up, err := OpenUnix(Config{Name: "parent"}, filepath.Join(dir, "parent"), filepath.Join(dir, "child"))
	if err != nil {
		t.Fatal(err)
	}
	defer up.Close()
	s := NewSwitch(SwitchConfig{})
	defer s.Close()
	if _, err := s.Attach(Config{}, up); err != nil {
		t.Fatal(err)
	}
	d := open(t, s, Config{Name: "asker"})
	in := arrivals(d)

	child := exec.Command(exe)
	child.Env = append(os.Environ(), echoDir+"="+dir)
	child.Stderr = os.Stderr
	stdin, err1 := child.StdinPipe()
	stdout, err2 := child.StdoutPipe()
	if err := errors.Join(err1, err2, child.Start()); err != nil {
		t.Fatal(err)
	}
	if _, err := stdout.Read(make([]byte, 10)); err != nil {
		t.Error(err)
	}
	send(t, d, everybody, 1, 2)
	wantArrivals(t, in, 101, 102)
	stdin.Close()
	if err := child.Wait(); err != nil {
		t.Error(err)
	}
}

func TestUnixSocketTakesItsNameAway(t *testing.T) {
	name := filepath.Join(t.TempDir(), "p")
	d, err := OpenUnix(Config{}, name, name+"q")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(name); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file after Close: %v", err)
	}
}
