package wire

import (
	"encoding/binary"
	"fmt"
	"strconv"
)

// NewFramed expects the framed wire: of each message a length, four bytes,
// big-endian, and a body. No length is malformed here; a peer may still refuse
// what is over its limit.
func NewFramed() *Dissector { return &Dissector{rule: length} }

// Framed names the bytes of a direction that is at hand as a whole.
func Framed(b []byte) []Field { return NewFramed().Next(b) }

func length(head []byte) shape {
	s := shape{size: 4, name: "length"}
	if len(head) == 4 {
		n := binary.BigEndian.Uint32(head)
		s.value, s.note = strconv.FormatUint(uint64(n), 10), "four bytes, big-endian: so many follow"
		s.ends, s.next = n == 0, body(uint64(n), true, length)
	}
	return s
}

// body is the rule of n bytes that a user sent; ends says that a message ends
// with them. Of no bytes there is no field.
func body(n uint64, ends bool, next rule) rule {
	if n == 0 {
		return next
	}
	return func(head []byte) shape {
		return shape{size: n, name: "body", value: show(head, n), note: "what the user sent", class: Payload, ends: ends, next: next}
	}
}

// show is n bytes that begin with head as a reader can take them in: quoted,
// shortened.
func show(head []byte, n uint64) string {
	const most = 32
	if n <= most {
		return fmt.Sprintf("%+q", head)
	}
	return fmt.Sprintf("%+q… %d bytes", head[:min(most, len(head))], n)
}

// word is a name that a peer sent: quoted, unless it can do a terminal no harm.
func word(b []byte) string {
	quoted := fmt.Sprintf("%+q", b)
	if plain := quoted[1 : len(quoted)-1]; plain == string(b) {
		return plain
	}
	return quoted
}
