//go:build linux

package load

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// read and write are the non-blocking calls of epoll/raw.go, where the reason
// stands: the load must not be slower than the server that it measures.
func read(fd int, p []byte) (int, error)  { return raw(unix.SYS_READ, fd, p) }
func write(fd int, p []byte) (int, error) { return raw(unix.SYS_WRITE, fd, p) }

func raw(call uintptr, fd int, p []byte) (int, error) {
	n, _, errno := unix.RawSyscall(call, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
