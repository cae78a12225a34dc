// Package sim is a board on a network of software: a stack on a virtual
// Ethernet, with a gateway that gives it an address, resolves names, and reaches
// the host's network for it. It needs no hardware and no root.
//
// Boards of several processes are on one network where their configurations name
// the same. Each process has a gateway of its own there.
//
// The parts are packages of their own: sim/ether is the Ethernet, sim/gateway
// the gateway. Tests that want another arrangement put them together themselves.
package sim
