//go:build linux

package uring

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// A ticket is what an entry's user_data brings back with the completion: what was
// done, to which descriptor. It names its connection for certain, since a
// descriptor is closed when nothing of its is in flight, and only then can the
// kernel give the number to another.
func ticket(op uint8, fd int) uint64 { return uint64(op)<<32 | uint64(uint32(fd)) }

func (c completion) op() uint8 { return uint8(c.userData >> 32) }
func (c completion) fd() int   { return int(int32(c.userData)) }

// err is the error of the operation, or nil.
func (c completion) err() error {
	if c.res >= 0 {
		return nil
	}
	return unix.Errno(-c.res)
}

// address of memory that the kernel reads or writes until the completion. unsafe:
// to the collector a number is no reference, so the owner keeps p; and p is on the
// heap, where Go moves nothing.
func address(p []byte) uint64 { return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(p)))) }

// acceptAll completes once for each connection that is accepted. The sockets
// are blocking ones: of a socket with O_NONBLOCK io_uring says EAGAIN, and waits
// only for the others.
func acceptAll(fd int) entry {
	return entry{opcode: opAccept, ioprio: acceptMultishot, fd: int32(fd), opFlags: unix.SOCK_CLOEXEC}
}

// recvLent receives into a buffer of the group, which the kernel takes when bytes
// have come: a connection that is silent has none. It completes once. One that
// goes on (IORING_RECV_MULTISHOT) was 3 to 5 % cheaper, but goes on while replies
// are owed, too: backpressure would be a cancellation, and a queue of what came
// before that.
func recvLent(fd int, group uint16) entry {
	return entry{opcode: opRecv, flags: bufferSelect, fd: int32(fd), bufGroup: group}
}

func recv(fd int, p []byte) entry {
	return entry{opcode: opRecv, fd: int32(fd), addr: address(p), len: uint32(len(p))}
}

// send may send less than p, as send(2) may.
func send(fd int, p []byte) entry {
	return entry{opcode: opSend, fd: int32(fd), addr: address(p), len: uint32(len(p))}
}

func read(fd int, p []byte) entry {
	return entry{opcode: opRead, fd: int32(fd), addr: address(p), len: uint32(len(p))}
}

// cancel ends the operation of that ticket: it completes with ECANCELED, or with
// what it has come to in time.
func cancel(op uint8, fd int) entry {
	return entry{opcode: opAsyncCancel, fd: -1, addr: ticket(op, fd)}
}
