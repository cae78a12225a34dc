// Package kernel holds the stack against Linux: its tests give the kernel a TAP
// in a network namespace of their own, whose other end is a stack.
package kernel
