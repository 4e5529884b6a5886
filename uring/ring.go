//go:build linux

package uring

import (
	"os"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A ring is two queues that we share with the kernel (io_uring(7)): entries go
// down in one, completions come up in the other. Each has a writer and a reader,
// who moves the tail and who moves the head; both only ever count up, and are
// masked to become an index. All of it belongs to one thread.
type ring struct {
	fd             int
	queues, stack  []byte // mapped: both queues; the entries
	entries        []entry
	sqHead, sqTail *uint32
	tail           uint32 // what sqTail will be when enter has published it
	completions    []completion
	cqHead, cqTail *uint32
	arg            getEventsArg // enter's, here since the kernel
	limit          timespec     // takes their addresses
	flying         int          // operations of which the last completion was not taken
}

// newRing makes a ring that is not enabled yet: io_uring_setup(2) would take
// the thread that calls it for the one that will submit, and this is Listen's.
//
// SINGLE_ISSUER, and DEFER_TASKRUN, which needs it, are what makes this fast: the
// kernel finishes operations only inside our io_uring_enter, in batches, instead
// of interrupting us for each.
func newRing(entries, completions uint32) (*ring, error) {
	p := params{cqEntries: completions, flags: setupCQSize | setupRDisabled |
		setupSubmitAll | setupSingleIssuer | setupDeferTaskrun}
	// unsafe: the kernel fills p in.
	fd, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, uintptr(entries), uintptr(unsafe.Pointer(&p)), 0)
	if errno != 0 {
		return nil, explain(os.NewSyscallError("io_uring_setup", errno))
	}
	r := &ring{fd: int(fd)}
	if err := r.mmap(&p); err != nil {
		r.close()
		return nil, os.NewSyscallError("mmap", err)
	}
	return r, nil
}

// mmap maps what p describes.
func (r *ring) mmap(p *params) (err error) {
	size := max(p.sqOff.array+p.sqEntries*4, p.cqOff.cqes+p.cqEntries*uint32(unsafe.Sizeof(completion{})))
	const prot, flags = unix.PROT_READ | unix.PROT_WRITE, unix.MAP_SHARED | unix.MAP_POPULATE
	if r.queues, err = unix.Mmap(r.fd, offSQRing, int(size), prot, flags); err != nil {
		return err
	}
	size = p.sqEntries * uint32(unsafe.Sizeof(entry{}))
	if r.stack, err = unix.Mmap(r.fd, offSQEs, int(size), prot, flags); err != nil {
		return err
	}
	r.sqHead, r.sqTail = &view[uint32](r.queues, p.sqOff.head, 1)[0], &view[uint32](r.queues, p.sqOff.tail, 1)[0]
	r.cqHead, r.cqTail = &view[uint32](r.queues, p.cqOff.head, 1)[0], &view[uint32](r.queues, p.cqOff.tail, 1)[0]
	r.completions = view[completion](r.queues, p.cqOff.cqes, p.cqEntries)
	r.entries = view[entry](r.stack, 0, p.sqEntries)
	// The queue proper holds indices of entries; ours are always in order.
	for i, order := 0, view[uint32](r.queues, p.sqOff.array, p.sqEntries); i < len(order); i++ {
		order[i] = uint32(i)
	}
	return nil
}

// view is mapped memory as n values of what the kernel says lies there. unsafe:
// mmap(2) gives bytes. They are no part of Go's heap, and end with munmap(2).
func view[T any](mapped []byte, off, n uint32) []T {
	return unsafe.Slice((*T)(unsafe.Pointer(&mapped[off])), n)
}

// enable makes the calling thread the one that uses the ring from now on.
func (r *ring) enable() error {
	return register(r.fd, registerEnableRings, nil, 0)
}

func register(fd int, what uintptr, arg unsafe.Pointer, n uintptr) error {
	_, _, errno := unix.Syscall6(unix.SYS_IO_URING_REGISTER, uintptr(fd), what, uintptr(arg), n, 0, 0)
	if errno != 0 {
		return os.NewSyscallError("io_uring_register", errno)
	}
	return nil
}

// push queues an operation. The kernel sees it with the next wait, or at once
// when the queue is full.
func (r *ring) push(e entry) error {
	if r.full() {
		if err := r.enter(0, 0); err != nil {
			return err
		}
		if r.full() {
			return os.NewSyscallError("io_uring_enter", unix.EAGAIN)
		}
	}
	e.userData = ticket(e.opcode, int(e.fd))
	r.entries[r.tail&uint32(len(r.entries)-1)] = e
	r.tail++
	r.flying++
	return nil
}

func (r *ring) full() bool { return r.tail-atomic.LoadUint32(r.sqHead) == uint32(len(r.entries)) }

// wait submits what was pushed, and sleeps until least completions are there,
// for at most most unless that is negative. There may be fewer when it returns.
func (r *ring) wait(least uint32, most time.Duration) error {
	r.arg.ts = 0
	if most >= 0 {
		r.limit = timespec{int64(most / time.Second), int64(most % time.Second)}
		r.arg.ts = uint64(uintptr(unsafe.Pointer(&r.limit))) // unsafe: a struct in a struct, by address
	}
	return r.enter(least, enterGetEvents|enterExtArg)
}

func (r *ring) enter(least, flags uint32) error {
	published()
	atomic.StoreUint32(r.sqTail, r.tail)
	pushed := r.tail - atomic.LoadUint32(r.sqHead)
	// unsafe: the argument by address. Not RawSyscall: this is where we sleep.
	_, _, errno := unix.Syscall6(unix.SYS_IO_URING_ENTER, uintptr(r.fd), uintptr(pushed),
		uintptr(least), uintptr(flags), uintptr(unsafe.Pointer(&r.arg)), unsafe.Sizeof(r.arg))
	switch errno {
	case 0:
		return nil
	case unix.EINTR, unix.ETIME:
		return nil // a signal, as Go sends itself to preempt goroutines; or the time is over
	case unix.EAGAIN, unix.EBUSY:
		return nil // no memory, or no room for completions: take those there are, and come again
	default:
		return os.NewSyscallError("io_uring_enter", errno)
	}
}

// ready is how many completions are there. The head is ours to move.
func (r *ring) ready() int { return int(atomic.LoadUint32(r.cqTail) - *r.cqHead) }

// take moves completions to dst and returns how many. That makes room for more:
// what finds none is kept by the kernel until it does (IORING_FEAT_NODROP).
func (r *ring) take(dst []completion) int {
	head, n := *r.cqHead, min(r.ready(), len(dst))
	for i := range n {
		dst[i] = r.completions[(head+uint32(i))&uint32(len(r.completions)-1)]
		if dst[i].flags&completionMore == 0 {
			r.flying--
		}
	}
	atomic.StoreUint32(r.cqHead, head+uint32(n))
	return n
}

// close releases the ring. The kernel ends what is in flight, but in its own
// time: whoever owns the memory takes care that there is nothing.
func (r *ring) close() error {
	for _, mapped := range [][]byte{r.queues, r.stack} {
		if mapped != nil {
			unix.Munmap(mapped)
		}
	}
	return os.NewSyscallError("close", unix.Close(r.fd))
}
