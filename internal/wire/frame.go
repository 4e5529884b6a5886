package wire

import (
	"encoding/binary"
	"fmt"
	"math"
)

// The bits of a frame's first byte (RFC 23/ZMTP).
const (
	more    = 1 << 0 // the message goes on in the next frame
	long    = 1 << 1 // the size has eight bytes, not one
	command = 1 << 2 // for the peer's engine, not for its user
)

// frame takes one frame. delimited says that its message has had its delimiter,
// and frame returns the same for the frame after it.
func (c *cursor) frame(delimited bool) bool {
	flags := c.rest[0]
	width, size := header(c.peek(9))
	switch {
	case flags&^(more|long|command) != 0:
		c.wrong("the flags %08b have reserved bits", flags)
	case flags&command != 0 && flags&more != 0:
		c.wrong("a command is one frame, and this one has MORE")
	case size > math.MaxInt64:
		c.wrong("a size of %d bytes; its highest bit is to be 0", size)
	case flags&command != 0 && size == 0 && uint64(len(c.rest)) >= width:
		c.wrong("a command of no bytes, not even a name")
	case flags&command != 0:
		c.take(width, "header", fmt.Sprintf("command, size %d", size))
		c.command(size)
		return delimited
	case flags&more == 0:
		c.take(width, "header", fmt.Sprintf("last frame, size %d", size))
		c.take(size, "body", show(c.rest, size))
	case size == 0 && !delimited:
		// It ends the envelope, which REQ writes and REP gives back.
		c.take(width, "delimiter", "an empty frame, and more: the body follows")
		return true
	default:
		c.take(width, "header", fmt.Sprintf("frame, size %d, and more", size))
		c.take(size, "body", show(c.rest, size))
		return delimited
	}
	return false
}

// header is how many bytes a frame's header has, and the size it announces, 0
// if that has not come whole.
func header(b []byte) (width, size uint64) {
	switch {
	case b[0]&long != 0 && len(b) == 9:
		return 9, binary.BigEndian.Uint64(b[1:])
	case b[0]&long != 0:
		return 9, 0
	case len(b) > 1:
		return 2, uint64(b[1])
	default:
		return 2, 0
	}
}
