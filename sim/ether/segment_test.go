package ether

import (
	"net"
	"os"
	"path/filepath"
	"testing"
)

func openSegment(t *testing.T, dir, name string) *Device {
	t.Helper()
	d, err := OpenSegment(Config{Name: name}, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

var toAll = [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

func sendAs(t *testing.T, d *Device, to, from [6]byte, n int) {
	t.Helper()
	if err := d.SendOffsetEthFrame(numbered(to, from, n, 60)); err != nil {
		t.Fatal(err)
	}
}

func TestSegmentCarriesABroadcastToEveryProcess(t *testing.T) {
	dir := t.TempDir()
	x, y, z := openSegment(t, dir, "x"), openSegment(t, dir, "y"), openSegment(t, dir, "z")
	atX, atY, atZ := arrivals(x), arrivals(y), arrivals(z)
	sendAs(t, x, toAll, x.mac, 1)
	wantArrivals(t, atY, 1)
	wantArrivals(t, atZ, 1)
	select {
	case n := <-atX:
		t.Errorf("frame %d came back", n)
	default:
	}
}

func TestSegmentCarriesAFrameToTheProcessThatAnAddressWasHeardFrom(t *testing.T) {
	dir := t.TempDir()
	x, y, z := openSegment(t, dir, "x"), openSegment(t, dir, "y"), openSegment(t, dir, "z")
	atX, atY, atZ := arrivals(x), arrivals(y), arrivals(z)
	behindY := [6]byte{2, 0, 0, 0, 0, 9} // of a switch there
	sendAs(t, y, toAll, behindY, 1)
	wantArrivals(t, atX, 1)
	wantArrivals(t, atZ, 1)
	sendAs(t, x, behindY, x.mac, 2)
	sendAs(t, x, toAll, x.mac, 3)
	wantArrivals(t, atY, 2, 3)
	wantArrivals(t, atZ, 3)
}

func TestSegmentGoesOnWhenAProcessWasKilled(t *testing.T) {
	dir := t.TempDir()
	x, y := openSegment(t, dir, "x"), openSegment(t, dir, "y")
	// What a killed process leaves: the socket's name, and nobody behind it.
	left := filepath.Join(dir, "1-0"+segmentSuffix)
	dead, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: left, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	if err := dead.Close(); err != nil { // a datagram socket's name stays
		t.Fatal(err)
	}
	if _, err := os.Lstat(left); err != nil {
		t.Fatal(err)
	}

	atY := arrivals(y)
	sendAs(t, x, toAll, x.mac, 1)
	sendAs(t, x, toAll, x.mac, 2)
	wantArrivals(t, atY, 1, 2)
	if _, err := os.Lstat(left); err == nil {
		t.Error("the name of the dead socket is still there")
	}
}

func TestSegmentHearsAProcessThatComesLater(t *testing.T) {
	dir := t.TempDir()
	x := openSegment(t, dir, "x")
	y := openSegment(t, dir, "y")
	atY := arrivals(y)
	sendAs(t, x, y.mac, x.mac, 1) // not heard yet: to all
	wantArrivals(t, atY, 1)
}

func TestSegmentFindsAnAddressThatMoved(t *testing.T) {
	dir := t.TempDir()
	x, y, z := openSegment(t, dir, "x"), openSegment(t, dir, "y"), openSegment(t, dir, "z")
	atX, atZ := arrivals(x), arrivals(z)
	mac := [6]byte{2, 0, 0, 0, 0, 9}
	sendAs(t, y, toAll, mac, 1)
	wantArrivals(t, atX, 1)
	wantArrivals(t, atZ, 1)
	y.Close()
	sendAs(t, x, mac, x.mac, 2)
	wantArrivals(t, atZ, 2)
}

func TestSegmentWithoutADirectoryToMakeIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if d, err := OpenSegment(Config{}, file); err == nil {
		d.Close()
		t.Error("a segment in a file was opened")
	}
}

func TestSegmentPortsOfOneProcessAreApart(t *testing.T) {
	dir := t.TempDir()
	x, y := openSegment(t, dir, "x"), openSegment(t, dir, "y")
	x.Close()
	z := openSegment(t, dir, "x")
	atZ := arrivals(z)
	sendAs(t, y, toAll, y.mac, 7)
	wantArrivals(t, atZ, 7)
}
