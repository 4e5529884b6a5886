package proxy

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Slice sends pieces of least to most bytes, drawn by the seed, each followed
// by gap. Without a gap the receiver's kernel puts pieces together again.
func Slice(least, most int, gap time.Duration) Fault {
	least = max(least, 1)
	return slice{least, max(least, most), gap}
}

type slice struct {
	least, most int
	gap         time.Duration
}

func (s slice) String() string {
	return fmt.Sprintf("slice: %d to %d bytes at a time, %v apart. TCP keeps the order of bytes, and nothing of who wrote them together.",
		s.least, s.most, s.gap)
}

func (s slice) on(d *lane, next stage, choice *rand.Rand) stage {
	return &slicer{slice: s, lane: d, next: next, choice: choice}
}

type slicer struct {
	slice
	lane   *lane
	next   stage
	choice *rand.Rand
}

func (s *slicer) Write(p []byte) bool {
	for len(p) > 0 {
		n := min(len(p), s.least+s.choice.IntN(s.most-s.least+1))
		if !s.next.Write(p[:n]) {
			return false
		}
		p = p[n:]
		if s.gap > 0 {
			s.lane.sleep(s.gap)
		}
	}
	return true
}

func (s *slicer) End(how Kind, both bool) { s.next.End(how, both) }
