// Package compat proves, against tinygo.org/x/drivers itself, that a driver
// written for TinyGo is a Netdever here and the other way round.
//
// It is a module of its own, so that netdev does not depend on the drivers. Run
// its tests in this directory, against each release that is pinned:
//
//	go test .
//	go test -modfile=drivers-v0.37.mod .
package compat
