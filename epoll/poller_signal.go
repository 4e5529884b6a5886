//go:build linux

package epoll

import (
	"encoding/binary"
	"os"
	"runtime"
	"slices"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	notify   = unix.Signal(36) // a real-time signal: these queue, and each says which descriptor
	overflow = unix.SIGIO      // comes instead when the queue is full
	infoSize = 128             // of a struct signalfd_siginfo, in bytes
)

// A signalPoller is told by signals: the kernel queues one when a descriptor
// becomes ready. They are blocked, so that they interrupt nothing, and taken
// from the queue through a signalfd.
//
// The queue is bounded by RLIMIT_SIGPENDING, which all processes of a user
// share. fcntl(2): "if this limit is reached, then the kernel reverts to
// delivering SIGIO". That says that a signal was lost, and not whose, so each
// descriptor may be ready and is told once.
type signalPoller struct {
	queue  int // the signalfd
	thread int32
	known  []watch // by descriptor
	fresh  []int   // added since the last Wait: what was there before sent no signal
	doubt  int     // how many of known are still to be told, since signals were lost,
	next   int     // and the first of them
	infos  []byte  // as the kernel wrote them
}

type watch struct {
	on   bool
	told bool // in this Wait: two signals may name one descriptor
}

// newSignal keeps the goroutine on its thread, which owns the mask and the queue.
// It never lets go: so the thread ends with the goroutine, and none that knows
// nothing of it comes to run with signals blocked.
func newSignal() (Poller, error) {
	runtime.LockOSThread()
	var set unix.Sigset_t
	for _, s := range []unix.Signal{notify, overflow} {
		const word = 8 * int(unsafe.Sizeof(set.Val[0])) // in bits
		set.Val[int(s-1)/word] |= 1 << (int(s-1) % word)
	}
	// Blocked before any is sent: until then Go's own handler would take them.
	if err := unix.PthreadSigmask(unix.SIG_BLOCK, &set, nil); err != nil {
		return nil, os.NewSyscallError("rt_sigprocmask", err)
	}
	queue, err := unix.Signalfd(-1, &set, unix.SFD_NONBLOCK|unix.SFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("signalfd4", err)
	}
	return &signalPoller{queue: queue, thread: int32(unix.Gettid())}, nil
}

// Add sets the flag last: the first signal must have somewhere to go. A
// connection inherits nothing of this from its listener.
func (p *signalPoller) Add(fd int, _ Ready) error {
	// This thread, and not F_SETOWN's process: any of its threads might get the
	// signal, and has not blocked it. A pointer, since x/sys has no such call.
	owner := struct{ kind, id int32 }{0 /* F_OWNER_TID */, p.thread}
	_, _, errno := unix.Syscall(unix.SYS_FCNTL, uintptr(fd), unix.F_SETOWN_EX, uintptr(unsafe.Pointer(&owner)))
	if errno != 0 {
		return os.NewSyscallError("fcntl", errno)
	}
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETSIG, int(notify)); err != nil {
		return os.NewSyscallError("fcntl", err)
	}
	if err := p.async(fd, unix.O_ASYNC); err != nil {
		return err
	}
	for len(p.known) <= fd {
		p.known = append(p.known, watch{})
	}
	p.known[fd].on = true
	p.fresh = append(p.fresh, fd)
	return nil
}

// Modify has nothing to do: a signal comes for whatever begins.
func (p *signalPoller) Modify(int, Ready) error { return nil }

// Remove leaves in the queue what was sent already. The next descriptor of that
// number may be told of it, for nothing.
func (p *signalPoller) Remove(fd int) error {
	p.known[fd].on = false
	return p.async(fd, 0)
}

func (p *signalPoller) async(fd, flag int) error {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if err == nil {
		_, err = unix.FcntlInt(uintptr(fd), unix.F_SETFL, flags&^unix.O_ASYNC|flag)
	}
	return os.NewSyscallError("fcntl", err)
}

func (p *signalPoller) Wait(dst []int, block time.Duration) (n int, err error) {
	defer func() {
		for _, fd := range dst[:n] {
			p.known[fd].told = false
		}
	}()
	if n, err = p.gather(dst); err != nil || n > 0 || block == 0 {
		return n, err
	}
	_, err = unix.Poll([]unix.PollFd{{Fd: int32(p.queue), Events: unix.POLLIN}}, milliseconds(block))
	switch err {
	case nil:
		return p.gather(dst)
	case unix.EINTR:
		return 0, nil // a signal; Go sends itself SIGURG to preempt goroutines
	default:
		return 0, os.NewSyscallError("poll", err)
	}
}

// gather tells what can be told without sleeping. The unsaid come before the
// queue, which may never be empty, and after it, which may show a loss.
func (p *signalPoller) gather(dst []int) (n int, err error) {
	if n, err = p.take(dst, p.unsaid(dst, 0)); err == nil {
		n = p.unsaid(dst, n)
	}
	return n, err
}

// unsaid tells of descriptors for which there may be no signal.
func (p *signalPoller) unsaid(dst []int, n int) int {
	for ; len(p.fresh) > 0 && n < len(dst); p.fresh = p.fresh[:len(p.fresh)-1] {
		n = p.tell(dst, n, p.fresh[len(p.fresh)-1])
	}
	for ; p.doubt > 0 && n < len(dst); p.doubt-- {
		p.next = (p.next + 1) % len(p.known)
		n = p.tell(dst, n, p.next)
	}
	return n
}

// take tells of those whose signals are in the queue.
func (p *signalPoller) take(dst []int, n int) (int, error) {
	if n == len(dst) {
		return n, nil
	}
	if len(p.infos) != len(dst)*infoSize {
		p.infos = make([]byte, len(dst)*infoSize)
	}
	got, err := read(p.queue, p.infos[n*infoSize:])
	switch {
	case err == unix.EAGAIN || err == unix.EINTR:
		return n, nil
	case err != nil:
		return n, os.NewSyscallError("read", err)
	}
	for info := range slices.Chunk(p.infos[n*infoSize:][:got], infoSize) {
		if unix.Signal(binary.NativeEndian.Uint32(info)) == overflow { // ssi_signo
			p.doubt = len(p.known)
		} else {
			n = p.tell(dst, n, int(binary.NativeEndian.Uint32(info[20:]))) // ssi_fd
		}
	}
	return n, nil
}

// tell says that fd may be ready; its callers see to it that dst has room.
func (p *signalPoller) tell(dst []int, n, fd int) int {
	if fd < len(p.known) && p.known[fd].on && !p.known[fd].told {
		p.known[fd].told = true
		dst[n] = fd
		n++
	}
	return n
}

func (p *signalPoller) Edge() bool { return true }

func (p *signalPoller) Close() error {
	return os.NewSyscallError("close", unix.Close(p.queue))
}
