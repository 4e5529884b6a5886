//go:build linux && !race

package epoll

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// read and writev are read(2) and writev(2) by RawSyscall. The usual entrance,
// unix.Read, first tells Go's scheduler that this thread may block, and asks for
// permission to go on afterwards. Our sockets are non-blocking, so the thread
// does not block, and telling costs up to a quarter of an echo. For a call that
// may sleep, RawSyscall would be wrong: nothing else could run on this
// processor meanwhile.
//
// p must not be empty: read(2) would return 0, which means the end.
func read(fd int, p []byte) (int, error) {
	return result(unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p))))
}

// writev writes two pieces by one call, or one piece when the other is empty.
func writev(fd int, head, body []byte) (int, error) {
	if len(head) == 0 {
		head, body = body, nil
	}
	if len(body) == 0 {
		return result(unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&head[0])), uintptr(len(head))))
	}
	pieces := [2]unix.Iovec{{Base: &head[0]}, {Base: &body[0]}}
	pieces[0].SetLen(len(head))
	pieces[1].SetLen(len(body))
	return result(unix.RawSyscall(unix.SYS_WRITEV, uintptr(fd), uintptr(unsafe.Pointer(&pieces[0])), uintptr(len(pieces))))
}

func result(n, _ uintptr, errno unix.Errno) (int, error) {
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
