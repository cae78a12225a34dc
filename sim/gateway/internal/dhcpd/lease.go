package dhcpd

import (
	"net/netip"
	"time"
)

// A Lease is an address that a client has.
type Lease struct {
	MAC     [6]byte
	Addr    netip.Addr
	Name    string // the host name, one label of lower case; "" for none
	Expires time.Time
}

// A Change is what happened to a lease.
type Change int

const (
	Given    Change = iota + 1 // to a client that had none
	Renewed                    // for another lease time
	Released                   // by its client
	Declined                   // by its client, which found the address in use
	Expired
	Refused // what the client asked for is not to be had
)

type state uint8

const (
	offered state = iota
	leased
	declined // nobody has it, and nobody gets it
)

// A binding is an address that is not free until it expires.
type binding struct {
	Lease
	client string // what identifies the client; "" for a declined address
	state  state
}
