package proxy

import (
	"math/rand/v2"
	"slices"
)

// A Fault spoils one direction of every connection it is set on. String is
// what a student reads: what it does, and what that shows.
type Fault interface {
	String() string
	// on puts the fault on a lane, in front of next. It is called once for each
	// connection; choice is the fault's own, so that a seed repeats a run.
	on(d *lane, next stage, choice *rand.Rand) stage
}

// A stage is a place that bytes pass. One goroutine calls it, in order.
type stage interface {
	// Write passes p on; false says that no more will get through. p is the
	// caller's again when it returns.
	Write(p []byte) bool
	// End is the last call. FIN or RST follows the bytes: to the receiver, in the
	// sender's name, or if both to each end in the name of the other.
	End(how Kind, both bool)
}

// stages builds what the bytes of a lane pass, from the last to the first.
func (d *lane) stages(faults []Fault) stage {
	var next stage = d
	for i, f := range slices.Backward(faults) {
		stream := uint64(d.link.id)<<16 | uint64(i)<<1
		if d.up {
			stream |= 1
		}
		next = f.on(d, next, rand.New(rand.NewPCG(d.link.proxy.o.Seed, stream)))
	}
	return next
}
