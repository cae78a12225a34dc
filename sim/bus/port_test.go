package bus_test

import (
	"bytes"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/sim/bus"
)

// readAll returns what the port has ready.
func readAll(p *bus.Port) []byte {
	b := make([]byte, p.Buffered())
	n, _ := p.Read(b)
	return b[:n]
}

func TestBytesArriveAtTheOtherEndAtOnce(t *testing.T) {
	mcu, chip := bus.UART(bus.Config{})
	if n, err := mcu.Read(make([]byte, 4)); n != 0 || err != nil {
		t.Errorf("Read of nothing = %d, %v", n, err)
	}
	if n, err := mcu.Write([]byte("ping")); n != 4 || err != nil {
		t.Fatalf("Write = %d, %v", n, err)
	}
	if got := chip.Buffered(); got != 4 {
		t.Errorf("Buffered = %d, want 4", got)
	}
	b := make([]byte, 3)
	if n, _ := chip.Read(b); string(b[:n]) != "pin" {
		t.Errorf("Read %q", b[:n])
	}
	if got := readAll(chip); string(got) != "g" {
		t.Errorf("the rest is %q", got)
	}
	if _, err := chip.Write([]byte("pong")); err != nil {
		t.Fatal(err)
	}
	if got := readAll(mcu); string(got) != "pong" {
		t.Errorf("the other way: %q", got)
	}
	if c := mcu.Counters(); c != (bus.Counters{Writes: 1, Sent: 4, Received: 4}) {
		t.Errorf("Counters = %+v", c)
	}
}

func TestWithoutASpeedAFullRingHoldsTheWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mcu, chip := bus.UART(bus.Config{Ring: 8})
		sent := make(chan error, 1)
		want := []byte("twenty bytes of text")
		go func() {
			_, err := mcu.Write(want)
			sent <- err
		}()
		var got []byte
		for len(got) < len(want) {
			synctest.Wait()
			if n := chip.Buffered(); n > 8 {
				t.Fatalf("%d bytes in a ring of 8", n)
			}
			got = append(got, readAll(chip)...)
		}
		if err := <-sent; err != nil || !bytes.Equal(got, want) {
			t.Errorf("%q, %v", got, err)
		}
		if chip.Overflowed() != 0 {
			t.Error("bytes were lost")
		}
	})
}

func TestABytesTimeIsTenBits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mcu, chip := bus.UART(bus.Config{Baud: 9600})
		begin := time.Now()
		go mcu.Write(make([]byte, 96))
		for got := 0; got < 96; got += len(readAll(chip)) {
			chip.WaitReadable(-1)
		}
		if took := time.Since(begin); took != 100*time.Millisecond {
			t.Errorf("96 bytes at 9600 baud took %v, want 100ms", took)
		}
	})
}

func TestWriteTakesTheTimeOfItsBytesButThoseOfAFIFO(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mcu, _ := bus.UART(bus.Config{Baud: 10_000}) // 1 ms a byte
		begin := time.Now()
		mcu.Write(make([]byte, 164))
		if took := time.Since(begin); took != 100*time.Millisecond {
			t.Errorf("Write of 164 bytes took %v", took)
		}
		mcu.Write(make([]byte, 10))
		if took := time.Since(begin); took != 110*time.Millisecond {
			t.Errorf("with a second one %v: it is sent behind the first", took)
		}
	})
}

func TestARingThatNobodyReadsOverflows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mcu, chip := bus.UART(bus.Config{Baud: 115200, Ring: 128})
		go chip.Write(make([]byte, 1000))
		time.Sleep(11 * time.Millisecond)
		if n := mcu.Overflowed(); n != 0 {
			t.Errorf("%d bytes were lost within 11 ms", n)
		}
		time.Sleep(time.Millisecond)
		if mcu.Overflowed() == 0 || mcu.Buffered() != 128 {
			t.Errorf("after 12 ms %d lost and %d in the ring", mcu.Overflowed(), mcu.Buffered())
		}
		time.Sleep(time.Second)
		if n := mcu.Overflowed(); n != 1000-128 {
			t.Errorf("%d of 1000 were lost", n)
		}
	})
}

func TestAReaderThatKeepsUpLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mcu, chip := bus.UART(bus.Config{Baud: 614400, Ring: 32})
		want := make([]byte, 5000)
		for i := range want {
			want[i] = byte(i * 7)
		}
		go chip.Write(want)
		var got []byte
		for len(got) < len(want) {
			mcu.WaitReadable(-1)
			got = append(got, readAll(mcu)...)
		}
		if !bytes.Equal(got, want) || mcu.Overflowed() != 0 {
			t.Errorf("%d bytes, %d lost", len(got), mcu.Overflowed())
		}
	})
}

func TestLongRunsKeepTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mcu, chip := bus.UART(bus.Config{Baud: 1000, Ring: 1 << 20})
		begin := time.Now()
		go func() {
			for range 50 {
				mcu.Write(make([]byte, 100))
			}
		}()
		time.Sleep(25 * time.Second)
		if got := chip.Buffered(); got != 2500 {
			t.Errorf("%d bytes after 25 s at 100 a second", got)
		}
		for got := 0; got < 5000; got += len(readAll(chip)) {
			chip.WaitReadable(-1)
		}
		if took := time.Since(begin); took != 50*time.Second {
			t.Errorf("5000 bytes took %v", took)
		}
	})
}

func TestWaitReadable(t *testing.T) {
	for name, c := range map[string]struct {
		baud int
		wait time.Duration
		do   func(mcu, chip *bus.Port)
		want time.Duration
	}{
		"ends after its time":         {0, time.Second, func(_, _ *bus.Port) {}, time.Second},
		"of nothing is over":          {0, 0, func(_, _ *bus.Port) {}, 0},
		"ends with a byte":            {0, -1, func(mcu, _ *bus.Port) { time.Sleep(time.Minute); mcu.Write([]byte{1}) }, time.Minute},
		"ends with Interrupt":         {0, -1, func(_, chip *bus.Port) { time.Sleep(time.Minute); chip.Interrupt() }, time.Minute},
		"ends with an earlier one":    {0, -1, func(_, chip *bus.Port) { chip.Interrupt() }, 0},
		"ends with Close":             {0, -1, func(mcu, _ *bus.Port) { time.Sleep(time.Minute); mcu.Close() }, time.Minute},
		"ends when a byte has come":   {1000, -1, func(mcu, _ *bus.Port) { mcu.Write([]byte{1}) }, 10 * time.Millisecond},
		"does not wait for that long": {10, time.Millisecond, func(mcu, _ *bus.Port) { mcu.Write([]byte{1}) }, time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				mcu, chip := bus.UART(bus.Config{Baud: c.baud})
				begin := time.Now()
				go c.do(mcu, chip)
				synctest.Wait()
				chip.WaitReadable(c.wait)
				if took := time.Since(begin); took != c.want {
					t.Errorf("it took %v, want %v", took, c.want)
				}
			})
		})
	}
}

func TestCloseEndsBothDirections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mcu, chip := bus.UART(bus.Config{Ring: 4})
		blocked := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := chip.Write(make([]byte, 5))
				blocked <- err
			}()
		}
		synctest.Wait()
		mcu.Close()
		for range 2 {
			if err := <-blocked; err != io.ErrClosedPipe {
				t.Errorf("Write = %v", err)
			}
		}
		if n, err := mcu.Read(make([]byte, 8)); n != 4 || err != nil {
			t.Errorf("what had arrived: %d, %v", n, err)
		}
		if _, err := mcu.Read(make([]byte, 8)); err != io.EOF {
			t.Errorf("then %v", err)
		}
		if _, err := mcu.Write([]byte{1}); err != io.ErrClosedPipe {
			t.Errorf("Write after Close = %v", err)
		}
		chip.Close()
	})
}

func TestAnEndWithoutPowerForgets(t *testing.T) {
	for _, baud := range []int{0, 1000} {
		synctest.Test(t, func(t *testing.T) {
			mcu, chip := bus.UART(bus.Config{Baud: baud, Ring: 200})
			mcu.Write([]byte("received"))
			time.Sleep(time.Second)
			mcu.Write([]byte("on the way"))
			blocked := make(chan error, 1)
			go func() {
				_, err := chip.Write(make([]byte, 300))
				blocked <- err
			}()
			synctest.Wait()
			had := mcu.Buffered()
			chip.Power(false)
			if err := <-blocked; err != io.ErrClosedPipe {
				t.Errorf("baud %d: Write of an end that loses its power = %v", baud, err)
			}
			if n, err := mcu.Write([]byte("to nobody")); n != 9 || err != nil {
				t.Errorf("baud %d: Write to it = %d, %v", baud, n, err)
			}
			if _, err := chip.Write([]byte{1}); err != io.ErrClosedPipe {
				t.Errorf("baud %d: it writes: %v", baud, err)
			}
			time.Sleep(time.Second)
			chip.Power(true)
			if n := chip.Buffered(); n != 0 {
				t.Errorf("baud %d: it has %d bytes", baud, n)
			}
			if n := mcu.Buffered(); n != had {
				t.Errorf("baud %d: %d bytes of it have arrived since", baud, n-had)
			}
			readAll(mcu)
			mcu.Write([]byte("hello"))
			chip.Write([]byte("again"))
			time.Sleep(time.Second)
			if a, b := readAll(chip), readAll(mcu); string(a) != "hello" || string(b) != "again" {
				t.Errorf("baud %d: with power %q and %q", baud, a, b)
			}
		})
	}
}

func TestWritesDoNotMix(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mcu, chip := bus.UART(bus.Config{Ring: 3})
		for _, c := range "abc" {
			go mcu.Write(bytes.Repeat([]byte{byte(c)}, 100))
		}
		var got []byte
		for len(got) < 300 {
			chip.WaitReadable(-1)
			got = append(got, readAll(chip)...)
		}
		for i := 0; i < 300; i += 100 {
			if !bytes.Equal(got[i:i+100], bytes.Repeat(got[i:i+1], 100)) {
				t.Fatalf("a message is %q", got[i:i+100])
			}
		}
	})
}

func TestSteadyTrafficAllocatesNothing(t *testing.T) {
	mcu, chip := bus.UART(bus.Config{Baud: 100_000_000})
	b := make([]byte, 100)
	exchange := func() {
		mcu.Write(b)
		for got := 0; got < len(b); {
			chip.WaitReadable(time.Second)
			n, _ := chip.Read(b)
			got += n
		}
	}
	exchange()
	if n := testing.AllocsPerRun(100, exchange); n > 0 {
		t.Errorf("%v allocations for each exchange", n)
	}
}

func BenchmarkPort(b *testing.B) {
	mcu, chip := bus.UART(bus.Config{})
	buf := make([]byte, 1024)
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := mcu.Write(buf); err != nil {
			b.Fatal(err)
		}
		for got := 0; got < len(buf); {
			n, err := chip.Read(buf)
			if got += n; n == 0 || err != nil {
				b.Fatal(n, err)
			}
		}
	}
}
