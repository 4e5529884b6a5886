//go:build unix

package echo

import "syscall"

// descriptorsLeft is what RLIMIT_NOFILE leaves for connections once the
// program's own descriptors (files, a poller, a listener) have theirs.
func descriptorsLeft() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 1000
	}
	most := int(min(uint64(limit.Cur), 1<<20))
	return max(most-min(32, most/2), 1)
}
