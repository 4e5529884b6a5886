package wire

import (
	"encoding/binary"
	"math"
	"strconv"
)

// The bits of a frame's first byte (RFC 23/ZMTP).
const (
	more    = 1 << 0 // the message goes on in the next frame
	long    = 1 << 1 // the size has eight bytes, not one
	command = 1 << 2 // for the peer's engine, not for its user
)

// frame is the rule of a frame's header: flags, and a size.
func (z zmtp) frame(head []byte) shape {
	s := shape{size: 2, name: "header"}
	if len(head) == 0 {
		return s
	}
	flags := head[0]
	switch {
	case flags&^(more|long|command) != 0:
		return lost("the flags %08b have reserved bits", flags)
	case flags&command != 0 && flags&more != 0:
		return lost("a command is one frame, and this one has MORE")
	case flags&long != 0:
		s.size = 9
	}
	if flags&command != 0 {
		s.class = Control
	}
	if len(head) < int(s.size) {
		return s
	}
	size := uint64(head[1])
	if flags&long != 0 {
		size = binary.BigEndian.Uint64(head[1:])
	}
	s.value = strconv.FormatUint(size, 10)
	switch {
	case size > math.MaxInt64:
		return lost("a size of %d bytes; its highest bit is to be 0", size)
	case flags&command == 0:
		return z.message(s, flags&more != 0, size)
	case size == 0:
		return wrong(s.size, z.frame, "a command of no bytes, not even a name")
	}
	s.note, s.next = "a command of so many bytes", z.command(size)
	return s
}

// message completes the header of a frame that is a message, or a part of one.
func (z zmtp) message(s shape, goesOn bool, size uint64) shape {
	if z.mechanism == "CURVE" {
		s.note, s.next = "a sealed frame of so many bytes", z.sealed(size)
		return s
	}
	if !goesOn {
		s.note, s.ends = "the last frame of a message, of so many bytes", size == 0
		z.delimited = false
		s.next = body(size, true, z.frame)
		return s
	}
	if size == 0 && !z.delimited {
		// It ends the envelope, which REQ writes and REP gives back.
		s.name, s.value, s.note = "delimiter", "", "an empty frame, and more: the envelope ends, the body follows"
		z.delimited = true
	} else {
		s.note = "a frame of so many bytes, and more"
	}
	s.next = body(size, false, z.frame)
	return s
}
