//go:build linux

package uring

import "time"

// A Ring is a ring without a server: a test says what is pushed, and when it is
// submitted.
type Ring struct{ *ring }

// A Done is a completion.
type Done struct {
	FD, Res int
	More    bool
	Lent    []byte // the buffer that the kernel took, as far as it was filled
}

func NewRing(entries, completions uint32) (Ring, error) {
	r, err := newRing(entries, completions)
	return Ring{r}, err
}

func (r Ring) Enable() error                  { return r.enable() }
func (r Ring) Wait(least uint32) error        { return r.wait(least, 10*time.Second) }
func (r Ring) Flying() int                    { return r.flying }
func (r Ring) Nop(id int) error               { return r.push(entry{fd: int32(id)}) } // IORING_OP_NOP is 0
func (r Ring) Recv(fd int, p []byte) error    { return r.push(recv(fd, p)) }
func (r Ring) RecvLent(fd int) error          { return r.push(recvLent(fd, group)) }
func (r Ring) CancelRecv(fd int) error        { return r.push(cancel(opRecv, fd)) }
func (r Ring) Close() error                   { return r.close() }
func (r Ring) Sleep(most time.Duration) error { return r.wait(1, most) }

// Take returns up to n completions.
func (r Ring) Take(n int, b *Buffers) (all []Done) {
	dst := make([]completion, n)
	for _, c := range dst[:r.take(dst)] {
		d := Done{FD: c.fd(), Res: int(c.res), More: c.flags&completionMore != 0}
		if c.flags&completionBuffer != 0 {
			id := uint16(c.flags >> bufferShift)
			d.Lent = b.at(id)[:d.Res]
			b.out = append(b.out, id)
		}
		all = append(all, d)
	}
	return all
}

// Buffers are buffers, and those of them that completions have brought.
type Buffers struct {
	*buffers
	out []uint16
}

func NewBuffers(r Ring) (*Buffers, error) {
	b, err := newBuffers(r.ring)
	return &Buffers{buffers: b}, err
}

// GiveBack lends what has come back to the kernel.
func (b *Buffers) GiveBack() {
	for _, id := range b.out {
		b.give(id)
	}
	b.out = b.out[:0]
}

func (b *Buffers) Grow()  { b.grow() }
func (b *Buffers) Close() { b.close() }

const (
	BufferSize = bufferSize
	SlabLen    = slabLen
	Batch      = batch
)
