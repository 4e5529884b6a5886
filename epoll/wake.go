//go:build linux

package epoll

import (
	"context"
	"os"

	"golang.org/x/sys/unix"
)

// A bell wakes a loop that sleeps in Wait: one end of a pipe is watched like a
// socket, and a byte into the other makes it readable. A pipe, and not an
// eventfd, since every kind of Poller can watch one (a signal-driven one is
// never told of an eventfd).
type bell struct{ heard, rope int }

func newBell() (bell, error) {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_NONBLOCK|unix.O_CLOEXEC); err != nil {
		return bell{}, os.NewSyscallError("pipe2", err)
	}
	return bell{heard: fds[0], rope: fds[1]}, nil
}

// ring may be called from any goroutine. EAGAIN would mean that the pipe is full
// of bytes, each of which wakes the loop: nothing is lost.
func (b bell) ring() { unix.Write(b.rope, []byte{0}) }

// hush takes the bytes out, or the pipe would stay readable and Wait never sleep.
func (b bell) hush() {
	var scrap [16]byte
	for {
		if n, _ := unix.Read(b.heard, scrap[:]); n <= 0 {
			return
		}
	}
}

func (b bell) close() {
	unix.Close(b.heard)
	unix.Close(b.rope)
}

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
