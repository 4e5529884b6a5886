package proxy

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Latency lets everything arrive d later, FIN and RST too. At most 1 MiB is on
// its way, which bounds the rate to 1 MiB in d; then senders wait.
func Latency(d time.Duration) Fault { return latency(d) }

type latency time.Duration

func (w latency) String() string {
	return fmt.Sprintf("latency: everything arrives %v later. Who waits for each reply pays it each time; who sends ahead pays it once.",
		time.Duration(w))
}

func (w latency) on(d *lane, next stage, _ *rand.Rand) stage {
	return newBelt(d, func(b belt) {
		for p := range b {
			d.sleep(time.Until(p.came.Add(time.Duration(w))))
			if p.last {
				next.End(p.how, p.both)
				return
			}
			next.Write(p.bytes)
		}
	})
}
