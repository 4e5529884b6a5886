//go:build linux

package epoll

import "time"

// Ready says what a descriptor is watched for.
type Ready uint8

const (
	Readable Ready = 1 << iota // read(2) or accept4(2) would not block
	Writable                   // write(2) would not block
)

// A Poller watches descriptors for one goroutine, the one that made it. Its
// methods are the kernel's, so there are more than three.
type Poller interface {
	// Add begins to watch fd, which must not be watched yet. What fd is ready for
	// already counts. An error concerns this descriptor alone.
	Add(fd int, want Ready) error
	// Modify changes what fd, which is watched, is watched for.
	Modify(fd int, want Ready) error
	// Remove ends it, always before fd is closed: afterwards the number may
	// belong to another socket.
	Remove(fd int) error
	// Wait fills dst with the descriptors that are ready, each once, and returns
	// how many. It sleeps until there is one, for at most block; a negative block
	// has no end, zero does not sleep. It may return 0 early. Those for which dst
	// has no room come first the next time.
	//
	// It gives hints: only the read or write that follows tells the truth, and
	// EAGAIN is one of its answers. An error or a hang-up counts as ready for
	// whatever is wanted, since reading and writing are how one learns of it.
	Wait(dst []int, block time.Duration) (int, error)
	// Edge says that readiness is told once, when it begins, and not for as long
	// as it lasts: then one reads until EAGAIN or is not told again. Add watches
	// for everything, and Modify does nothing.
	Edge() bool
	// Close releases the Poller's own descriptors, not the watched ones.
	Close() error
}

// milliseconds rounds up: rounded down, the last millisecond before a timeout
// would be a spin of waits of 0.
func milliseconds(d time.Duration) int {
	if d < 0 {
		return -1
	}
	return int((d + time.Millisecond - 1) / time.Millisecond)
}
