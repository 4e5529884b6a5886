package proxy

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Bandwidth lets no more than rate bytes a second pass. The sender learns of it
// as of any slow receiver: buffers fill, and its write waits.
func Bandwidth(rate int) Fault { return bandwidth(max(rate, 1)) }

type bandwidth int

func (w bandwidth) String() string {
	return fmt.Sprintf("bandwidth: %d bytes a second. A write returns when the kernel has the bytes; when they arrive is another matter.", int(w))
}

func (w bandwidth) on(d *lane, next stage, _ *rand.Rand) stage {
	return &throttle{rate: int(w), lane: d, next: next}
}

type throttle struct {
	rate int
	free time.Time // when the line has carried what it was given
	lane *lane
	next stage
}

func (t *throttle) Write(p []byte) bool {
	for len(p) > 0 {
		n := min(len(p), max(t.rate/100, 1)) // some 10 ms at a time, or a byte
		if now := time.Now(); t.free.Before(now) {
			t.free = now // an idle line saves nothing up
		}
		t.free = t.free.Add(time.Duration(n) * time.Second / time.Duration(t.rate))
		t.lane.sleep(time.Until(t.free))
		if !t.next.Write(p[:n]) {
			return false
		}
		p = p[n:]
	}
	return true
}

func (t *throttle) End(how Kind, both bool) { t.next.End(how, both) }
