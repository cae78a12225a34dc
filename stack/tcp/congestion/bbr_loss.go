package congestion

import "time"

// A bbrUndo is what a spurious recovery gives back (draft §2.13).
type bbrUndo struct {
	saved         bool // in this episode
	canUndo       bool
	undoState     bbrState // that the episode has ended; bbrDrain for none
	undoRate      uint64
	undoShortterm int32
	undoLongterm  int32
}

const undoNone = bbrDrain

// saveOnce is draft §5.5.11.1, at the first sign of an episode.
func (b *bbr) saveOnce() {
	if b.saved {
		return
	}
	b.saveWindow()
	b.saved, b.canUndo = true, true
	b.undoState = undoNone
	b.undoRate, b.undoShortterm, b.undoLongterm = b.shortRate, b.shortterm, b.longterm
}

// saveWindow and restoreWindow are draft §5.6.4.4.
func (b *bbr) saveWindow() {
	if !b.episode && b.state != bbrProbeRTT {
		b.priorCwnd = b.cwnd
	} else {
		b.priorCwnd = max(b.priorCwnd, b.cwnd)
	}
}

func (b *bbr) restoreWindow() { b.cwnd = max(b.cwnd, b.priorCwnd) }

func (b *bbr) noteLoss() {
	b.saveOnce()
	if !b.lossInRound {
		b.lossRoundEnd = b.delivered
		b.lossInRound, b.lostInRound = true, 0
	}
}

// OnLost is draft §5.5.10.2: it lowers the bound once for each probe that was too much.
func (b *bbr) OnLost(l *Loss) {
	b.now, b.delivered = l.Now, l.Delivered
	b.noteLoss()
	b.lostInRound = sum(b.lostInRound, int32(l.Size))
	if b.state == bbrStartup && !l.Adjoins && b.lossRanges < 255 {
		b.lossRanges++
	}
	if !b.isProbeSample {
		return
	}
	s := bbrSample{
		any: true, lost: int32(l.Lost), txInFlight: int32(l.TxInFlight), limited: l.AppLimited, noSACK: l.NoSACK,
	}
	if s.inflightTooHigh() {
		s.txInFlight = s.inflightAtLoss(int32(l.Size))
		b.handleTooHigh(&s)
	}
}

// inflightTooHigh tells whether more was lost than a probe may cost.
func (s *bbrSample) inflightTooHigh() bool {
	return int64(s.lost)*100 > int64(s.txInFlight)*lossThresh || s.lost > 0 && s.noSACK
}

// inflightAtLoss is at how much in flight the losses became too many, somewhere within
// a segment of the given size.
func (s *bbrSample) inflightAtLoss(size int32) int32 {
	before, lost := int64(s.txInFlight-size), int64(s.lost-size)
	prefix := (before*lossThresh - lost*100) / (100 - lossThresh)
	return int32(before + min(max(prefix, 0), int64(size)))
}

func (b *bbr) handleTooHigh(s *bbrSample) {
	b.tooHigh = true
	b.isProbeSample = false
	if !s.limited {
		b.longterm = max(s.txInFlight, percent(b.targetInflight(), betaPercent))
	}
	if b.state == bbrUp {
		b.undoState = bbrUp
		b.startDown()
	}
}

// OnCongestion keeps what Undo gives back. Losses themselves came by OnLost; a tail loss
// probe may have repaired one that did not.
func (b *bbr) OnCongestion(now time.Duration, inFlight int) {
	b.now = now
	b.noteLoss()
	b.episode = true
}

// OnTimeout is draft §5.6.4.4.
func (b *bbr) OnTimeout(now time.Duration, inFlight int) {
	b.now = now
	b.saveOnce()
	b.saveWindow()
	b.episode = true
	b.cwnd = b.mss
}

func (b *bbr) OnRecovered(now time.Duration) {
	b.episode, b.saved = false, false
	b.restoreWindow()
}

// Undo is draft §5.5.11.2.
func (b *bbr) Undo() {
	if !b.canUndo {
		return
	}
	b.canUndo = false
	b.restoreWindow()
	b.lossInRound = false
	b.resetFull(0)
	b.shortRate = max(b.shortRate, b.undoRate)
	b.shortterm = max(b.shortterm, b.undoShortterm)
	b.longterm = max(b.longterm, b.undoLongterm)
	switch {
	case b.undoState == bbrStartup && b.state != bbrStartup:
		b.fullReached = false
		if b.state != bbrProbeRTT {
			b.enterStartup()
		}
	case b.undoState == bbrUp && b.state != bbrUp && b.state != bbrProbeRTT:
		b.startRefill()
	}
	b.undoState = undoNone
}
