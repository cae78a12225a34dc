// Package start puts a program on its device before main: the file that
// "netdev run" adds to the program imports it. It does its work only in a
// program that is built with the overlay, under the build tag netdev_overlay.
package start
