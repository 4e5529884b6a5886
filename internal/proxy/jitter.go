package proxy

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Jitter lets each piece arrive up to most later, drawn by the seed, and never
// before the piece in front of it. As many bytes are on their way as with Latency.
func Jitter(most time.Duration) Fault { return jitter(max(most, 0)) }

type jitter time.Duration

func (j jitter) String() string {
	return fmt.Sprintf("jitter: each piece arrives up to %v later. TCP keeps the order, so what is late makes all behind it late.",
		time.Duration(j))
}

func (j jitter) on(d *lane, next stage, choice *rand.Rand) stage {
	return newBelt(d, func(b belt) {
		for p := range b {
			late := time.Duration(choice.Int64N(int64(j) + 1))
			d.sleep(time.Until(p.came.Add(late)))
			if p.last {
				next.End(p.how, p.both)
				return
			}
			next.Write(p.bytes)
		}
	})
}
