//go:build race && !tinygo

package net_test

func init() { raceDetector = true }
