// Package bus is the wires between a microcontroller and a simulated chip: a
// UART with its speed and its receive rings, and faults for any bus that moves
// bytes.
//
// All of it goes by package time, so that it also runs in a testing/synctest
// bubble, where a run repeats itself.
package bus
