//go:build linux

package epoll

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// A pollPoller keeps the set of descriptors itself and shows the kernel all of
// it at each Wait: there is no limit to it, but a Wait costs by what is watched.
type pollPoller struct {
	fds  []unix.PollFd // in no order
	slot []int32       // of a descriptor, in fds
	next int           // where in fds to begin, so that the first are not always first
}

func newPoll() (Poller, error) { return &pollPoller{}, nil }

func (p *pollPoller) Add(fd int, want Ready) error {
	for len(p.slot) <= fd {
		p.slot = append(p.slot, -1)
	}
	p.slot[fd] = int32(len(p.fds))
	p.fds = append(p.fds, unix.PollFd{Fd: int32(fd)})
	return p.Modify(fd, want)
}

// Modify need not ask for POLLERR and POLLHUP: poll(2) reports them unasked.
func (p *pollPoller) Modify(fd int, want Ready) error {
	events := &p.fds[p.slot[fd]].Events
	*events = 0
	if want&Readable != 0 {
		*events |= unix.POLLIN
	}
	if want&Writable != 0 {
		*events |= unix.POLLOUT
	}
	return nil
}

// Remove moves the last one into the gap.
func (p *pollPoller) Remove(fd int) error {
	gap, end := p.slot[fd], len(p.fds)-1
	p.fds[gap] = p.fds[end]
	p.slot[p.fds[gap].Fd] = gap
	p.slot[fd] = -1
	p.fds = p.fds[:end]
	return nil
}

func (p *pollPoller) Wait(dst []int, block time.Duration) (int, error) {
	ready, err := unix.Poll(p.fds, milliseconds(block))
	switch err {
	case nil:
	case unix.EINTR:
		return 0, nil // a signal; Go sends itself SIGURG to preempt goroutines
	default:
		return 0, os.NewSyscallError("poll", err)
	}
	n := 0
	for range p.fds {
		if n == min(ready, len(dst)) {
			break
		}
		if p.next >= len(p.fds) {
			p.next = 0
		}
		if p.fds[p.next].Revents != 0 {
			dst[n] = int(p.fds[p.next].Fd)
			n++
		}
		p.next++
	}
	return n, nil
}

func (p *pollPoller) Edge() bool { return false }

func (p *pollPoller) Close() error { return nil }
