// Package socket makes a netdev socket out of system calls: what the hooks that
// package overlay puts into package syscall do with a socket of ours.
//
// A Socket is represented by an eventfd, so that the runtime's poller waits for
// it as for any descriptor. The eventfd is always writable and, once written
// to, always readable, so each write wakes whoever waits in either direction;
// they try again, and wait again where it was not for them.
package socket
