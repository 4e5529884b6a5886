package transport

import (
	"encoding/binary"
	"fmt"

	"echolab/echo"
)

// The flags of a frame, RFC 23/ZMTP. Other bits are reserved, and zero.
const (
	more    = 1 << iota // a further frame of the same message follows
	long                // the size has 8 bytes, not 1
	command             // for the protocol, not for the user
)

const (
	maxFrames  = 1024    // of one message, delimiter included
	maxCommand = 8 << 10 // a READY with metadata; a PING has 23 bytes at most
)

// A frame is a header taken apart: flags, then the size of the body.
type frame struct {
	flags  byte
	header int // bytes of the header, 2 or 9
	size   int // bytes of the body
}

func (f frame) is(flag byte) bool { return f.flags&flag != 0 }

// parse takes the header at the start of b apart, and reports false when b does
// not hold all of it. Its bounds are checked as early as they can be.
func parse(b []byte, most int) (f frame, ok bool, err error) {
	if len(b) == 0 {
		return f, false, nil
	}
	f.flags = b[0]
	if f.flags&^(more|long|command) != 0 || f.flags&(more|command) == more|command {
		return f, false, fmt.Errorf("%w: a frame with flags %#02x", echo.ErrMalformed, f.flags)
	}
	if f.header = 2; f.is(long) {
		f.header = 9
	}
	if len(b) < f.header {
		return f, false, nil
	}
	size := uint64(b[1])
	if f.is(long) {
		size = binary.BigEndian.Uint64(b[1:])
	}
	if f.is(command) {
		most = maxCommand
	}
	if size > uint64(most) {
		return f, false, fmt.Errorf("%w: a frame announces %d bytes, the limit is %d", echo.ErrMalformed, size, most)
	}
	f.size = int(size)
	return f, true, nil
}

// appendHeader appends the header of a frame of size bytes.
func appendHeader(dst []byte, flags byte, size int) []byte {
	if size <= 255 {
		return append(dst, flags, byte(size))
	}
	return binary.BigEndian.AppendUint64(append(dst, flags|long), uint64(size))
}

// appendCommand appends a command: a frame of its name, a byte long, and data.
func appendCommand(dst []byte, name string, data []byte) []byte {
	dst = appendHeader(dst, command, 1+len(name)+len(data))
	dst = append(dst, byte(len(name)))
	return append(append(dst, name...), data...)
}

// splitCommand is the inverse, for the body of a frame.
func splitCommand(body []byte) (name string, data []byte, err error) {
	if len(body) == 0 || len(body) < 1+int(body[0]) {
		return "", nil, fmt.Errorf("%w: a command without a name", echo.ErrMalformed)
	}
	n := 1 + int(body[0])
	return string(body[1:n]), body[n:], nil
}
