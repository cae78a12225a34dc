// Package uart waits for what a chip says on a UART, for as long as a caller
// allows, and throws away what no longer makes sense.
//
// What it runs on is as little as a microcontroller has: bytes to write, bytes
// that have arrived. A port that can say more, see [Waiter], is not polled.
package uart
