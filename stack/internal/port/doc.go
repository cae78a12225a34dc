// Package port chooses ephemeral ports that nobody else can guess, and that are
// not used again soon: the double hash of RFC 6056 §3.3.4.
package port
