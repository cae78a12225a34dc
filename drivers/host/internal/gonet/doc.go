// Package gonet does with Go's own net package what a host device needs and
// the kernel's sockets do not give: names, interfaces, addresses.
package gonet
