//go:build !linux

package main

func lossOnKernel(lossRun, string) (moved, error) { return moved{}, Skip("it needs Linux") }
