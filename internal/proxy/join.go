package proxy

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Join holds bytes back until n have come, or wait has passed since the first
// of them, and sends them in one write.
func Join(n int, wait time.Duration) Fault { return join{n, wait} }

type join struct {
	n    int
	wait time.Duration
}

func (j join) String() string {
	return fmt.Sprintf("join: %d bytes at once, or what came in %v. Two messages may arrive in one read.", j.n, j.wait)
}

func (j join) on(d *lane, next stage, _ *rand.Rand) stage {
	return newBelt(d, func(b belt) {
		var held []byte
		for {
			p := <-b
			held = append(held[:0], p.bytes...)
			p = j.collect(b, p, &held)
			if len(held) > 0 {
				next.Write(held)
			}
			if p.last {
				next.End(p.how, p.both)
				return
			}
		}
	})
}

// collect adds to held what comes in time, and returns the piece that ended it.
func (j join) collect(b belt, p piece, held *[]byte) piece {
	timer := time.NewTimer(j.wait)
	defer timer.Stop()
	for len(*held) < j.n && !p.last {
		select {
		case p = <-b:
			*held = append(*held, p.bytes...)
		case <-timer.C:
			return p
		}
	}
	return p
}
