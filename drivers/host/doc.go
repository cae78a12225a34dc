// Package host makes the sockets of the host's kernel a network device. It is
// the reference that other devices are compared with.
//
// A [Device] uses the kernel's sockets directly, without blocking a thread in
// them, and adds what the contract asks for beyond them: deadlines that belong
// to one call, Close that wakes all calls, descriptors that are never mixed up.
package host
