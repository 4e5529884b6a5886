package proxy

import (
	"bytes"
	"slices"
	"time"
)

const (
	beltPieces = 256     // when so many wait, the lane reads no more
	pieceMost  = 4 << 10 // so a belt holds 1 MiB at the most
)

// A belt is a stage that hands its bytes to a goroutine of its own, for faults
// that wait while more comes in.
type belt chan piece

type piece struct {
	came  time.Time
	bytes []byte
	last  bool // End, with what follows
	how   Kind
	both  bool
}

// newBelt starts deliver, which takes pieces until the last.
func newBelt(d *lane, deliver func(belt)) stage {
	b := make(belt, beltPieces)
	d.belts.Go(func() { deliver(b) })
	return b
}

func (b belt) Write(p []byte) bool {
	for part := range slices.Chunk(p, pieceMost) {
		b <- piece{came: time.Now(), bytes: bytes.Clone(part)}
	}
	return true
}

func (b belt) End(how Kind, both bool) {
	b <- piece{came: time.Now(), last: true, how: how, both: both}
}
