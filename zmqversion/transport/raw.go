//go:build linux && !race

package transport

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// read and writev are read(2) and writev(2) by RawSyscall. The usual entrance
// tells Go's scheduler that this thread may block, and asks it afterwards whether
// to go on. The descriptor is non-blocking, so it does not, and telling was a
// tenth of the cost of a message. In a call that may sleep it would stop every
// goroutine of this processor.
//
// p is not empty: read(2) would return 0, which means the end.
func read(descriptor int, p []byte) (int, error) {
	return result(unix.RawSyscall(unix.SYS_READ, uintptr(descriptor), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p))))
}

// writev writes the first pieces, none of them empty, by one call.
func writev(descriptor int, pieces [][]byte) (int, error) {
	var vector [4]unix.Iovec
	pieces = pieces[:min(len(pieces), len(vector))]
	for i, piece := range pieces {
		vector[i].Base = &piece[0]
		vector[i].SetLen(len(piece))
	}
	return result(unix.RawSyscall(unix.SYS_WRITEV, uintptr(descriptor), uintptr(unsafe.Pointer(&vector)), uintptr(len(pieces))))
}

func result(n, _ uintptr, errno unix.Errno) (int, error) {
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
