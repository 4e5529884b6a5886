package wire

import (
	"encoding/binary"
	"fmt"
)

// command takes the body of a command: a name, and what that name brings. It is
// read only when it is whole.
func (c *cursor) command(size uint64) {
	if size > uint64(len(c.rest)) {
		c.take(size, "body", "")
		return
	}
	body := cursor{rest: c.rest[:size], offset: c.offset}
	body.named()
	c.fields = append(c.fields, body.fields...)
	c.offset, c.rest = body.offset, c.rest[size:]
}

func (c *cursor) named() {
	n := 0
	if len(c.rest) > 0 {
		n = int(c.rest[0])
	}
	if n == 0 || 1+n > len(c.rest) {
		c.wrong("a command begins with a name and its length; %d does not fit", n)
		return
	}
	name := string(c.rest[1 : 1+n])
	c.take(uint64(1+n), "command", name)
	if name != "READY" {
		c.take(uint64(len(c.rest)), "data", show(c.rest, uint64(len(c.rest))))
	}
	for len(c.rest) > 0 {
		c.property()
	}
}

// property takes one of READY's: a name, its length in one byte before it, and
// a value, its length in four.
func (c *cursor) property() {
	n := uint64(c.rest[0])
	head := 1 + n + 4
	if n == 0 || head > uint64(len(c.rest)) {
		c.wrong("a property without a name, or with no length of its value")
		return
	}
	size := uint64(binary.BigEndian.Uint32(c.rest[1+n:]))
	if head+size > uint64(len(c.rest)) {
		c.wrong("a property's value of %d bytes; the command has %d more", size, uint64(len(c.rest))-head)
		return
	}
	c.take(head+size, "property", fmt.Sprintf("%s: %q", c.rest[1:1+n], c.rest[head:head+size]))
}
