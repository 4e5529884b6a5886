//go:build linux

package uring

// What follows is linux/io_uring.h, as far as it is used here, under its names:
// x/sys has the numbers of the three system calls, and no more.

// An entry is a struct io_uring_sqe: an operation to be done.
type entry struct {
	opcode   uint8
	flags    uint8
	ioprio   uint16 // some operations have flags of their own here
	fd       int32
	_        uint64 // off
	addr     uint64
	len      uint32
	opFlags  uint32 // accept_flags, msg_flags, cancel_flags …
	userData uint64
	bufGroup uint16
	_        [22]byte
}

// A completion is a struct io_uring_cqe: what an operation has come to.
type completion struct {
	userData uint64
	res      int32 // what the system call would have returned, or an errno, negative
	flags    uint32
}

// A params is a struct io_uring_params: io_uring_setup(2) reads flags and cqEntries,
// and writes the rest.
type params struct {
	sqEntries, cqEntries      uint32
	flags                     uint32
	sqThreadCPU, sqThreadIdle uint32
	features                  uint32
	wqFD                      uint32
	_                         [3]uint32
	sqOff                     struct {
		head, tail, ringMask, ringEntries, flags, dropped, array uint32
		_                                                        [3]uint32
	}
	cqOff struct {
		head, tail, ringMask, ringEntries, overflow, cqes, flags uint32
		_                                                        [3]uint32
	}
}

// A getEventsArg is a struct io_uring_getevents_arg.
type getEventsArg struct {
	sigmask   uint64
	sigmaskSz uint32
	_         uint32
	ts        uint64 // address of a timespec; 0: no end
}

// A timespec is a struct __kernel_timespec: 64 bits on every architecture.
type timespec struct{ sec, nsec int64 }

// A bufReg is a struct io_uring_buf_reg.
type bufReg struct {
	ringAddr    uint64
	ringEntries uint32
	bgid        uint16
	_           [26]byte
}

// A buf is a struct io_uring_buf. The last two bytes of a ring's first one are the
// tail of the ring (struct io_uring_buf_ring).
type buf struct {
	addr uint64
	len  uint32
	bid  uint16
	_    uint16 // tail
}

const (
	opAccept      = 13 // IORING_OP_ACCEPT
	opAsyncCancel = 14 // IORING_OP_ASYNC_CANCEL
	opRead        = 22 // IORING_OP_READ
	opSend        = 26 // IORING_OP_SEND
	opRecv        = 27 // IORING_OP_RECV

	bufferSelect    = 1 << 5 // IOSQE_BUFFER_SELECT
	acceptMultishot = 1 << 0 // IORING_ACCEPT_MULTISHOT

	completionBuffer = 1 << 0 // IORING_CQE_F_BUFFER: the upper 16 bits are a buffer's number
	completionMore   = 1 << 1 // IORING_CQE_F_MORE: the operation goes on
	bufferShift      = 16     // IORING_CQE_BUFFER_SHIFT

	setupCQSize       = 1 << 3  // IORING_SETUP_CQSIZE
	setupRDisabled    = 1 << 6  // IORING_SETUP_R_DISABLED
	setupSubmitAll    = 1 << 7  // IORING_SETUP_SUBMIT_ALL
	setupSingleIssuer = 1 << 12 // IORING_SETUP_SINGLE_ISSUER
	setupDeferTaskrun = 1 << 13 // IORING_SETUP_DEFER_TASKRUN

	enterGetEvents = 1 << 0 // IORING_ENTER_GETEVENTS
	enterExtArg    = 1 << 3 // IORING_ENTER_EXT_ARG

	offSQRing = 0          // IORING_OFF_SQ_RING; with it comes the completion ring
	offSQEs   = 0x10000000 // IORING_OFF_SQES

	registerEnableRings = 12 // IORING_REGISTER_ENABLE_RINGS
	registerPbufRing    = 22 // IORING_REGISTER_PBUF_RING
)
