// Package periph gives the drivers the SPI ports and pins of a Linux board, as
// periph.io finds them: a WiFiNINA or a W5500 on a Raspberry Pi's header is driven
// by the same code as one on a microcontroller.
//
//	host.Init() // of periph.io/x/host/v3
//	port, err := spireg.Open("/dev/spidev0.0")
//	bus, err := periph.OpenSPI(port, 8*physic.MegaHertz)
//	cs, err := periph.NewOutput(gpioreg.ByName("GPIO25"), true)
//	irq, err := periph.NewInput(gpioreg.ByName("GPIO24"))
//	dev := w5500.New(&w5500.Config{SPI: bus, CS: cs.Set, Interrupt: irq.Level, OnInterrupt: irq.OnFall})
//
// It is for hosts; with TinyGo the pins of package machine fit as they are.
package periph
