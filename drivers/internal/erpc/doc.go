// Package erpc is the remote procedure calls of NXP's eRPC over a UART, as the
// caller sees them: frames with a CRC, messages, values, and a [Client] that
// makes one call at a time.
//
// What goes wrong on the wire ends in an error, never in a result: a reply
// counts only with a right CRC and with the sequence number, service and request
// of the call. Afterwards the client brings both ends together again, or says
// that it cannot.
//
// Not here: the server's side, notifications, lists, unions and callbacks.
package erpc
