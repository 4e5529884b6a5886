//go:build linux

package uring

import (
	"context"
	"os"

	"golang.org/x/sys/unix"
)

// A bell wakes a loop that sleeps in wait: the ring reads from an eventfd, which
// completes when another goroutine has written to it. (That goroutine cannot
// submit anything itself: SINGLE_ISSUER.)
type bell struct {
	fd   int
	rung []byte // the kernel's to write while the read is in flight
}

func newBell() (bell, error) {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC) // blocking, as all that io_uring waits for
	return bell{fd: fd, rung: make([]byte, 8)}, os.NewSyscallError("eventfd2", err)
}

// ring may be called from any goroutine.
func (b bell) ring() { unix.Write(b.fd, []byte{7: 1}) }

func (b bell) close() { unix.Close(b.fd) }

// onDone calls wake, on a goroutine of its own, once ctx is done. The returned
// stop reports whether it came first; if not, it waits for wake to return, since
// the descriptor that wake uses is about to be closed.
func onDone(ctx context.Context, wake func()) (stop func() bool) {
	woken := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		defer close(woken)
		wake()
	})
	return func() bool {
		if cancel() {
			return true
		}
		<-woken
		return false
	}
}
