package wire

import (
	"encoding/binary"
	"fmt"
)

// Framed names the bytes of the framed wire: of each message a length, four
// bytes, big-endian, and a body. No length is malformed here; a peer may still
// refuse what is over its limit.
func Framed(b []byte) []Field {
	c := cursor{rest: b}
	for len(c.rest) > 0 {
		var header [4]byte
		copy(header[:], c.rest)
		n := binary.BigEndian.Uint32(header[:])
		c.take(4, "length", fmt.Sprintf("size %d", n))
		c.take(uint64(n), "body", show(c.rest, uint64(n)))
	}
	return c.fields
}
