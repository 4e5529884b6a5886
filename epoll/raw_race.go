//go:build linux && race

package epoll

import "syscall"

// Under the race detector read and writev are package syscall's: these tell the
// detector that what was written happened before what is then read, and they
// share this knowledge with package net, which x/sys/unix does not. RawSyscall
// tells it nothing, and a test that orders its memory by an echo would look
// like a race.
func read(fd int, p []byte) (int, error) { return syscall.Read(fd, p) }

// writev writes the first piece; its caller comes again with what is left.
func writev(fd int, head, body []byte) (int, error) {
	if len(head) == 0 {
		head = body
	}
	return syscall.Write(fd, head)
}
