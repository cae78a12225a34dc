package main

import "github.com/netdev-go/netdev/sim/ether"

// lossFrames is room for all that can be under way.
const lossFrames = 4096

// lossCable returns the ends of a cable that is the path.
func lossCable(r lossRun) (left, right *ether.Device, err error) {
	left, right, err = ether.Cable(
		ether.Config{Name: "a", Seed: r.seed, Queue: lossFrames},
		ether.Config{Name: "b", Seed: r.seed, Queue: lossFrames})
	if err != nil {
		return nil, nil, err
	}
	return left, right, impairLossy(r, left, right)
}

// impairLossy has what the first of two devices sends meet the path, and what comes
// back to it the path without loss. Each gets it where it leaves.
func impairLossy(r lossRun, there, back *ether.Device) error {
	imp := ether.Impairment{Delay: lossDelay, Rate: lossRate * 8, Limit: lossQueue}
	if err := back.Impair(ether.Transmit, imp); err != nil {
		return err
	}
	imp.Loss = r.loss
	return there.Impair(ether.Transmit, imp)
}
