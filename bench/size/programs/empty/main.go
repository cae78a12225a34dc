// Empty is a program that does nothing: what the runtime alone takes.
package main

func main() {}
