package bus_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/netdev-go/netdev/drivers/serialport"
	"github.com/netdev-go/netdev/sim/bus"
)

func TestATerminalIsASerialPort(t *testing.T) {
	mcu, chip := bus.UART(bus.Config{})
	name, stop, err := bus.Terminal(mcu)
	if err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	defer stop()
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	for range 2 { // it is there again after a program has closed it
		port, err := serialport.Open(name, 115200)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := port.Write(all); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 0, len(all))
		for len(got) < len(all) {
			chip.WaitReadable(-1)
			n, err := chip.Read(got[len(got):cap(got)])
			if err != nil {
				t.Fatal(err)
			}
			got = got[:len(got)+n]
		}
		if !bytes.Equal(got, all) {
			t.Fatalf("to the chip: %x", got)
		}
		chip.Write(all)
		clear(got)
		if _, err := io.ReadFull(port, got); err != nil || !bytes.Equal(got, all) {
			t.Fatalf("from the chip: %x, %v", got, err)
		}
		if err := port.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if err := stop(); err != nil {
		t.Error("a second stop:", err)
	}
}
