package ether

import "math/rand/v2"

// A fault is what the world did to a frame; several may fall on one.
type fault uint16

const (
	faultLost fault = 1 << iota
	faultBurstLost
	faultTooLong
	faultQueueFull
	faultReceiveFull
	faultUnplugged
	faultRefused
	faultCorrupted
	faultDuplicate
	faultReordered

	dropped = faultLost | faultBurstLost | faultTooLong | faultQueueFull | faultReceiveFull | faultUnplugged | faultRefused
)

// An event is the faults of one frame on one way.
type event struct {
	faults fault
	bit    uint32 // which one was flipped, when faultCorrupted
}

// dice are the random numbers of one direction. Each fault has its own, so that
// turning one on does not change what the others hit.
type dice struct {
	loss, burst, jitter, reorder, duplicate, corrupt *rand.Rand
	bad                                              bool // state of the burst loss
}

func newDice(seed uint64) dice {
	die := func(stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }
	return dice{loss: die(1), burst: die(2), jitter: die(3), reorder: die(4), duplicate: die(5), corrupt: die(6)}
}

func hits(die *rand.Rand, p float64) bool { return p > 0 && die.Float64() < p }

// roll decides which faults fall on a frame of n bytes.
func (d *dice) roll(imp *Impairment, n int) event {
	if imp.MTU > 0 && n > imp.MTU+headerLen {
		return event{faults: faultTooLong}
	}
	if hits(d.loss, imp.Loss) {
		return event{faults: faultLost}
	}
	if d.rollBurst(&imp.Burst) {
		return event{faults: faultBurstLost}
	}
	var ev event
	if hits(d.corrupt, imp.Corrupt) {
		ev.faults |= faultCorrupted
		ev.bit = uint32(d.corrupt.IntN(8 * n))
	}
	if hits(d.reorder, imp.Reorder) {
		ev.faults |= faultReordered
	}
	if hits(d.duplicate, imp.Duplicate) {
		ev.faults |= faultDuplicate
	}
	return ev
}

// rollBurst is the Gilbert-Elliott chain: it may change state, and then loses
// the frame as the state has it.
func (d *dice) rollBurst(b *Burst) bool {
	if b.Enter == 0 {
		d.bad = false
		return false
	}
	if d.bad {
		d.bad = !hits(d.burst, b.Leave)
	} else {
		d.bad = hits(d.burst, b.Enter)
	}
	return d.bad && (b.Loss == 0 || hits(d.burst, b.Loss))
}
