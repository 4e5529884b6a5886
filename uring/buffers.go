//go:build linux

package uring

import (
	"encoding/binary"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	bufferSize = 4 << 10
	slabLen    = 64   // buffers that are added at a time
	mostLent   = 1024 // buffers in all
	group      = 0    // the number of our only group of buffers
)

// buffers are lent to the kernel, which takes one when bytes have come and not
// when it is asked to receive: so they are as many as messages arrive at once,
// and not as many as connections. A third queue shared with the kernel, of which
// we are the writer (io_uring_register(2), IORING_REGISTER_PBUF_RING).
type buffers struct {
	mapped []byte
	ring   []buf
	slabs  [][]byte
	tail   uint16
}

func newBuffers(r *ring) (*buffers, error) {
	// Pages of their own: the kernel wants the queue aligned to one.
	mapped, err := unix.Mmap(-1, 0, mostLent*int(unsafe.Sizeof(buf{})),
		unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	b := &buffers{mapped: mapped, ring: view[buf](mapped, 0, mostLent)}
	reg := bufReg{ringAddr: address(mapped), ringEntries: mostLent, bgid: group}
	if err := register(r.fd, registerPbufRing, unsafe.Pointer(&reg), 1); err != nil {
		b.close()
		return nil, err
	}
	b.grow()
	return b, nil
}

// grow lends more buffers, up to mostLent: ENOBUFS said that all are in use. It
// will be said again if that is not enough, and costs a turn, but no bytes.
func (b *buffers) grow() {
	first := len(b.slabs) * slabLen
	if first == mostLent {
		return
	}
	b.slabs = append(b.slabs, make([]byte, slabLen*bufferSize))
	for id := first; id < first+slabLen; id++ {
		b.give(uint16(id))
	}
}

// at is the buffer of that number.
func (b *buffers) at(id uint16) []byte {
	off := int(id) % slabLen * bufferSize
	return b.slabs[int(id)/slabLen][off : off+bufferSize]
}

// give lends the buffer again. Its bytes are the kernel's from here on.
func (b *buffers) give(id uint16) {
	slot := &b.ring[b.tail%mostLent]
	slot.addr, slot.len, slot.bid = address(b.at(id)), bufferSize, id
	b.tail++
	b.publish()
}

// publish moves the tail, the last 16 bits of the first slot. Go's smallest atomic
// has 32, so its neighbour in the slot, bid, is stored with it.
func (b *buffers) publish() {
	var word [4]byte
	binary.NativeEndian.PutUint16(word[:2], b.ring[0].bid)
	binary.NativeEndian.PutUint16(word[2:], b.tail)
	atomic.StoreUint32(&view[uint32](b.mapped, uint32(unsafe.Offsetof(b.ring[0].bid)), 1)[0],
		binary.NativeEndian.Uint32(word[:]))
}

// close is called when the ring is closed, and before it if it never lived.
func (b *buffers) close() { unix.Munmap(b.mapped) }
