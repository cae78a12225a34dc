// Package splice joins two streams of two devices into one connection.
//
// What a user of either end can tell from a direct connection is its delay: the
// end of a direction, a reset and back-pressure go through.
package splice
