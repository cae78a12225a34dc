// Package host makes the sockets of the host's kernel a network device. It is
// the reference that other devices are compared with.
//
// On Linux a [Device] uses the kernel's sockets directly, without blocking a
// thread in them, and adds what the contract asks for beyond them: deadlines
// that belong to one call, Close that wakes all calls, descriptors that are
// never mixed up, Sends that do not mix. It has every capability but TLS, which
// is package net's work here, and two methods more, SetSockOptRaw and
// GetSockOptRaw, for options as the kernel has them.
//
// On macOS, Windows and the others it stands on Go's own net package, and has
// less: packets, names, Shutdown, ConnectContext, resolving and interfaces. It
// has no Poller, and so no flags of Send and Recv; it sets only the options
// that Go's net has a method for and reads none back; there is no multicast,
// list of sockets, ping or raw socket. Bind of a stream already listens there.
//
// All of it is for hosts; TinyGo finds an empty package.
package host
