package proxy

import (
	"fmt"
	"math/rand/v2"
)

// Refuse resets the first n connections before the target hears of them. A
// connect succeeds all the same: the kernel completes it before accept returns.
func Refuse(n int) Fault { return refuse(n) }

type refuse int

func (r refuse) String() string {
	return fmt.Sprintf("refuse: the first %d connections are reset at once. Whoever tries again, a little later, gets through.", int(r))
}

func (refuse) on(_ *lane, next stage, _ *rand.Rand) stage { return next }

// refused is whether a fault keeps this link from the target.
func (l *link) refused() bool {
	for _, faults := range [][]Fault{l.proxy.o.Up, l.proxy.o.Down} {
		for _, f := range faults {
			if r, ok := f.(refuse); ok && l.id <= int(r) {
				return true
			}
		}
	}
	return false
}
