//go:build linux

package epoll

import "time"

// Ready says what a descriptor is watched for, or may be ready for.
type Ready uint8

const (
	Readable Ready = 1 << iota // read(2) or accept4(2) would not block
	Writable                   // write(2) would not block
)

// A Report is a hint: only the read or write that follows tells the truth, and
// EAGAIN is one of its answers. An error or a hang-up is reported as both, since
// reading and writing are how one learns of it.
type Report struct {
	FD    int
	Ready Ready
}

// A Poller watches descriptors for one goroutine. Its methods are the kernel's,
// so there are more than three.
type Poller interface {
	// Add begins to watch fd, which must not be watched yet.
	Add(fd int, want Ready) error
	// Modify changes what fd, which is watched, is watched for.
	Modify(fd int, want Ready) error
	// Remove ends it, always before fd is closed: afterwards the number may
	// belong to another socket.
	Remove(fd int) error
	// Wait fills dst with what is ready and returns how many. It sleeps until
	// there is something, for at most block; a negative block has no end, zero
	// does not sleep. It may return 0 early.
	Wait(dst []Report, block time.Duration) (int, error)
	// Edge says that readiness is reported once, when it begins, and not for as
	// long as it lasts: then one reads until EAGAIN or is not told again.
	Edge() bool
	// Close releases the Poller's own descriptors, not the watched ones.
	Close() error
}
