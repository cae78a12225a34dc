// Package tlsdev gives TLS sockets, with crypto/tls, to a device on a host whose
// streams are plain.
//
// Of a TLS socket the device has the TCP connection under it, with the same
// descriptor. One goroutine reads ahead and decrypts at most a record's worth;
// what is sent is encrypted into a bounded buffer that drains as the device
// takes it. So a call never waits inside crypto/tls, and ends with its deadline,
// with Close or without waiting at all, as on a plain stream.
//
// Connect includes the handshake. A listener shakes hands with several peers at
// a time before Accept returns them, and gives up those that keep silent.
package tlsdev
