//go:build tinygo

package net

// copyBuffer is what ReadFrom and WriteTo of a TCPConn read at once.
const copyBuffer = 1 << 10
