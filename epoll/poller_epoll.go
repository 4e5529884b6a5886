//go:build linux

package epoll

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// An epollPoller keeps the set of descriptors in the kernel, so a Wait costs by
// what is ready and not by what is watched.
type epollPoller struct {
	epfd   int
	edge   bool
	events []unix.EpollEvent // as the kernel wrote them
}

func newEpoll() (Poller, error) { return createEpoll(false) }
func newEdge() (Poller, error)  { return createEpoll(true) }

func createEpoll(edge bool) (Poller, error) {
	epfd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	return &epollPoller{epfd: epfd, edge: edge}, nil
}

func (p *epollPoller) Add(fd int, want Ready) error {
	return p.control(unix.EPOLL_CTL_ADD, fd, want)
}

func (p *epollPoller) Modify(fd int, want Ready) error {
	if p.edge {
		return nil
	}
	return p.control(unix.EPOLL_CTL_MOD, fd, want)
}

// Remove is explicit, though close(2) would do it here: epoll(7) watches the
// open file description, which lives on while any copy of fd does.
func (p *epollPoller) Remove(fd int) error {
	return p.control(unix.EPOLL_CTL_DEL, fd, 0)
}

// control leaves EPOLLRDHUP out: a FIN is read like data, as 0 bytes, after them.
func (p *epollPoller) control(op, fd int, want Ready) error {
	event := unix.EpollEvent{Fd: int32(fd)}
	if p.edge {
		want, event.Events = Readable|Writable, unix.EPOLLET
	}
	if want&Readable != 0 {
		event.Events |= unix.EPOLLIN
	}
	if want&Writable != 0 {
		event.Events |= unix.EPOLLOUT
	}
	return os.NewSyscallError("epoll_ctl", unix.EpollCtl(p.epfd, op, fd, &event))
}

// Wait needs no care for those that dst has no room for: the kernel puts what it
// told to the end of its list.
func (p *epollPoller) Wait(dst []int, block time.Duration) (int, error) {
	if len(p.events) != len(dst) {
		p.events = make([]unix.EpollEvent, len(dst))
	}
	n, err := unix.EpollWait(p.epfd, p.events, milliseconds(block))
	switch err {
	case nil:
	case unix.EINTR:
		return 0, nil // a signal; Go sends itself SIGURG to preempt goroutines
	default:
		return 0, os.NewSyscallError("epoll_wait", err)
	}
	for i := range p.events[:n] {
		dst[i] = int(p.events[i].Fd)
	}
	return n, nil
}

func (p *epollPoller) Edge() bool { return p.edge }

func (p *epollPoller) Close() error {
	return os.NewSyscallError("close", unix.Close(p.epfd))
}
