package suite

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// inUse and connRefused are the system's numbers, which Windows maps to its own.
const (
	inUse       = syscall.EADDRINUSE
	connRefused = syscall.ECONNREFUSED
)

// Held is what the process holds: goroutines, and descriptors where /proc tells.
type Held struct{ goroutines, descriptors int }

// Count takes a measure, to be compared by Same when all is over.
func Count() Held {
	startPoller()
	held := Held{goroutines: runtime.NumGoroutine()}
	if open, err := os.ReadDir("/proc/self/fd"); err == nil {
		held.descriptors = len(open)
	}
	return held
}

// startPoller opens a socket, since Go's runtime takes two descriptors of its own
// with the first one: an epoll instance, and an eventfd to wake it.
var startPoller = sync.OnceFunc(func() {
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		l.Close()
	}
})

// Same returns nil once no more is held than then, or after a second what is,
// with the stacks of all goroutines.
func (h Held) Same() error {
	err := eventually(func() error {
		now := Count()
		if now.goroutines <= h.goroutines && now.descriptors <= h.descriptors {
			return nil
		}
		return fmt.Errorf("goroutines %d, were %d; descriptors %d, were %d",
			now.goroutines, h.goroutines, now.descriptors, h.descriptors)
	})
	if err != nil {
		stacks := make([]byte, 1<<16)
		err = fmt.Errorf("%w\n%s", err, stacks[:runtime.Stack(stacks, true)])
	}
	return err
}

// Resident is the most memory that a process has ever held, VmHWM of proc(5), in
// bytes. It needs Linux.
func Resident(pid int) (int, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, rest, found := strings.Cut(string(status), "VmHWM:")
	if !found {
		return 0, fmt.Errorf("/proc/%d/status has no VmHWM", pid)
	}
	kib, err := strconv.Atoi(strings.Fields(rest)[0])
	return kib << 10, err
}
