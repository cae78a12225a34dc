// Package arch holds the module to its design: which package may import which,
// and what the packages that run on a board may use. It is all tests.
package arch
