// Package serialport opens a serial port of the machine that a program runs on,
// such as /dev/ttyUSB0, as the UART of a driver: a chip on a USB adapter is
// driven by the same code as one on a board.
//
// It is for hosts; TinyGo has machine.UART.
package serialport
