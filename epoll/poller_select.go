//go:build linux

package epoll

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// fdSetSize is how many descriptors a set of select(2) has room for: a bit each,
// by number. For a higher number, FD_SET(3) in C writes behind the set.
const fdSetSize = 1024

// A selectPoller keeps the set of descriptors as bits and shows the kernel all
// up to the highest at each Wait. It is the oldest way (4.2BSD, 1983).
type selectPoller struct {
	read, write unix.FdSet
	end         int // the highest descriptor watched, and one
	next        int // where to begin, so that low descriptors are not always first
}

func newSelect() (Poller, error) { return &selectPoller{}, nil }

func (p *selectPoller) Add(fd int, want Ready) error {
	if fd < 0 || fd >= fdSetSize {
		return fmt.Errorf("select: descriptor %d: select(2) can watch 0 to %d only; use poll or epoll", fd, fdSetSize-1)
	}
	p.end = max(p.end, fd+1)
	return p.Modify(fd, want)
}

// Modify need not ask for errors and hang-ups: they make a socket both readable
// and writable. The third set of select(2) is for TCP's urgent data.
func (p *selectPoller) Modify(fd int, want Ready) error {
	p.read.Clear(fd)
	p.write.Clear(fd)
	if want&Readable != 0 {
		p.read.Set(fd)
	}
	if want&Writable != 0 {
		p.write.Set(fd)
	}
	return nil
}

func (p *selectPoller) Remove(fd int) error {
	p.read.Clear(fd)
	p.write.Clear(fd)
	for p.end > 0 && !p.read.IsSet(p.end-1) && !p.write.IsSet(p.end-1) {
		p.end--
	}
	return nil
}

func (p *selectPoller) Wait(dst []int, block time.Duration) (int, error) {
	var timeout *unix.Timeval // nil: no end
	if block >= 0 {
		tv := unix.NsecToTimeval(int64(milliseconds(block)) * int64(time.Millisecond))
		timeout = &tv
	}
	read, write := p.read, p.write // select overwrites its arguments
	ready, err := unix.Select(p.end, &read, &write, nil, timeout)
	switch err {
	case nil:
	case unix.EINTR:
		return 0, nil // a signal; Go sends itself SIGURG to preempt goroutines
	default:
		return 0, os.NewSyscallError("select", err)
	}
	n := 0
	for range p.end {
		if n == min(ready, len(dst)) {
			break
		}
		if p.next >= p.end {
			p.next = 0
		}
		if read.IsSet(p.next) || write.IsSet(p.next) {
			dst[n] = p.next
			n++
		}
		p.next++
	}
	return n, nil
}

func (p *selectPoller) Edge() bool { return false }

func (p *selectPoller) Close() error { return nil }
