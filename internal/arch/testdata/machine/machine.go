// Package machine has the shape of what the board files of netlink/probe use of
// TinyGo's package of that name, for a compiler that is not TinyGo's.
package machine

type Pin uint8

type PinMode uint8

type PinConfig struct{ Mode PinMode }

type PinChange uint8

const (
	PinInput PinMode = iota
	PinInputPullup
	PinOutput
)

const PinFalling PinChange = 4

func (p Pin) Configure(PinConfig)                           {}
func (p Pin) Set(bool)                                      {}
func (p Pin) High()                                         {}
func (p Pin) Get() bool                                     { return false }
func (p Pin) SetInterrupt(PinChange, func(Pin)) (err error) { return nil }

type SPI struct{ bus int }

type SPIConfig struct {
	Frequency     uint32
	SCK, SDO, SDI Pin
	Mode          uint8
}

func (*SPI) Configure(SPIConfig) error { return nil }
func (*SPI) Tx(w, r []byte) error      { return nil }

type UART struct{ bus int }

type UARTConfig struct {
	BaudRate uint32
	TX, RX   Pin
}

func (*UART) Configure(UARTConfig) error  { return nil }
func (*UART) Read(b []byte) (int, error)  { return 0, nil }
func (*UART) Write(b []byte) (int, error) { return len(b), nil }
func (*UART) Buffered() int               { return 0 }

var (
	SPI0  = &SPI{0}
	UART1 = &UART{1}
	UART3 = &UART{3}

	NINA_SPI = SPI0
)

const (
	NINA_SDO Pin = iota
	NINA_SDI
	NINA_SCK
	NINA_CS
	NINA_ACK
	NINA_GPIO0
	NINA_RESETN
	RTL8720D_CHIP_PU
	PB24
	PC24
	UART1_TX_PIN
	UART1_RX_PIN
	GPIO16
	GPIO17
	GPIO18
	GPIO19
	GPIO20
	GPIO21
)
