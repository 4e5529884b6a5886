// Package frame puts message boundaries into a stream of bytes: a 4-byte
// big-endian length, then that many bytes.
//
// It waits for nothing by itself. A [Reader] pulls, and blocks where its
// io.Reader blocks; a [Decoder] is pushed into by an event loop that has read
// what there was. Both check a length before they take memory for it, and take
// the memory as the bytes arrive, never because they were announced.
package frame

import (
	"encoding/binary"
	"fmt"

	"echolab/echo"
)

// HeaderLen is what a frame costs above its message, in bytes.
const HeaderLen = 4

// AppendHeader appends the header of a message of n bytes. A message is at most
// 2^32-1 bytes; callers have checked it against a smaller limit.
func AppendHeader(dst []byte, n int) []byte {
	return binary.BigEndian.AppendUint32(dst, uint32(n))
}

// Append appends msg as one frame.
func Append(dst, msg []byte) []byte {
	return append(AppendHeader(dst, len(msg)), msg...)
}

// length is the size of the frame, header included, that header begins.
func length(header []byte, most int) (int, error) {
	n := binary.BigEndian.Uint32(header)
	if uint64(n) > uint64(most) {
		return 0, fmt.Errorf("%w: a frame announces %d bytes, the limit is %d", echo.ErrMalformed, n, most)
	}
	return HeaderLen + int(n), nil
}
