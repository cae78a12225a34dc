//go:build !tinygo

package periph_test

import (
	"errors"
	"testing"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/gpio/gpiotest"

	"github.com/netdev-go/netdev/drivers/periph"
	"github.com/netdev-go/netdev/drivers/w5500"
	"github.com/netdev-go/netdev/drivers/wifinina"
)

// What the drivers take fits.
var (
	_ = w5500.Config{SPI: (*periph.SPI)(nil)}
	_ = wifinina.Config{SPI: (*periph.SPI)(nil)}
)

func TestAnOutputIsSet(t *testing.T) {
	p := &gpiotest.Pin{N: "CS"}
	o, err := periph.NewOutput(p, true)
	if err != nil || p.L != gpio.High {
		t.Fatalf("at first it is %v, %v", p.L, err)
	}
	set := w5500.Config{CS: o.Set}.CS
	set(false)
	if p.L != gpio.Low {
		t.Error("it is high")
	}
	set(true)
	if p.L != gpio.High {
		t.Error("it is low")
	}
}

var errPin = errors.New("the pin is broken")

// broken is a pin that fails.
type broken struct{ gpiotest.Pin }

func (*broken) Out(gpio.Level) error          { return errPin }
func (*broken) In(gpio.Pull, gpio.Edge) error { return errPin }

func TestAPinThatFailsIsToldOf(t *testing.T) {
	if _, err := periph.NewOutput(&broken{}, true); err != errPin {
		t.Errorf("an output: %v", err)
	}
	if _, err := periph.NewInput(&broken{}); err != errPin {
		t.Errorf("an input: %v", err)
	}
	if _, err := periph.NewSwitch(&broken{}); err != errPin {
		t.Errorf("a switch: %v", err)
	}
	p := &failsLater{}
	o, err := periph.NewOutput(p, true)
	if err != nil {
		t.Fatal(err)
	}
	p.err = errPin
	o.Set(false)
	p.err = nil
	o.Set(true)
	if o.Err() != errPin {
		t.Errorf("Err is %v", o.Err())
	}
}

type failsLater struct {
	gpiotest.Pin
	err error
}

func (p *failsLater) Out(gpio.Level) error { return p.err }

func TestASwitchDrivesAndLetsGo(t *testing.T) {
	p := &gpiotest.Pin{N: "GPIO0", P: gpio.PullUp}
	s, err := periph.NewSwitch(p)
	if err != nil || p.P != gpio.Float {
		t.Fatalf("at first its pull is %v, %v", p.P, err)
	}
	drive := wifinina.Config{GPIO0: s.Drive}.GPIO0
	drive(true)
	if p.L != gpio.High {
		t.Error("it is not driven")
	}
	p.P = gpio.PullUp
	drive(false)
	if p.P != gpio.Float {
		t.Error("it was not let go of")
	}
}

// pulledUp is a pin that is high at first, as with a pull-up.
func pulledUp() *gpiotest.Pin { return &gpiotest.Pin{N: "INT", EdgesChan: make(chan gpio.Level, 1)} }

func TestAnInputHasALevelAndFalls(t *testing.T) {
	p := pulledUp()
	i, err := periph.NewInput(p)
	if err != nil || p.P != gpio.PullUp || !i.Level() {
		t.Fatalf("pull %v, level %v, %v", p.P, i.Level(), err)
	}
	fell := make(chan bool, 8)
	c := w5500.Config{Interrupt: i.Level, OnInterrupt: i.OnFall}
	c.OnInterrupt(func() { fell <- c.Interrupt() })
	for range 3 {
		p.EdgesChan <- gpio.Low
		if <-fell {
			t.Error("it fell and is high")
		}
	}
	if err := i.Close(); err != nil {
		t.Error(err)
	}
	if err := i.Close(); err != nil {
		t.Error(err)
	}
	i.OnFall(func() { t.Error("called after Close") })
	if len(fell) != 0 {
		t.Error("it fell once too often")
	}
}

func TestAPinThatIsLowAlreadyHasFallen(t *testing.T) {
	p := pulledUp()
	i, err := periph.NewInput(p)
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	p.Out(gpio.Low)
	fell := make(chan bool, 1)
	i.OnFall(func() { fell <- true })
	<-fell
}

func TestAnInputWithoutAFunctionHasNothingToClose(t *testing.T) {
	i, err := periph.NewInput(pulledUp())
	if err != nil {
		t.Fatal(err)
	}
	if err := i.Close(); err != nil {
		t.Error(err)
	}
}

// stubborn is a pin without a pull-up.
type stubborn struct{ gpiotest.Pin }

func (p *stubborn) In(pull gpio.Pull, edge gpio.Edge) error {
	if pull == gpio.PullUp {
		return errPin
	}
	return p.Pin.In(pull, edge)
}

func TestABoardWithoutPullUpsDoesToo(t *testing.T) {
	p := &stubborn{gpiotest.Pin{EdgesChan: make(chan gpio.Level, 1)}}
	if _, err := periph.NewInput(p); err != nil || p.P != gpio.PullNoChange {
		t.Errorf("pull %v, %v", p.P, err)
	}
}
