// Package overlay builds Go programs, unchanged, so that Go's own net, net/http
// and crypto/tls use a netdev: what the commands netdev run, build and test do.
//
// It generates replacements for a few files of the standard library from the
// GOROOT that is installed, keeps them in the user's cache, and has the go
// command use them with its -overlay flag. The program is given one more file,
// which opens the device before main. Nothing of the user's is touched, go.mod
// included. How it works, and where its limits are, is in docs/overlay.md.
package overlay
