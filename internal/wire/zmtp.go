package wire

import (
	"bytes"
	"fmt"
)

// ZMTP names the bytes of ZMTP 3.x (RFC 23/ZMTP) under the NULL mechanism: a
// greeting, then commands and messages. What PLAIN or CURVE puts into its
// commands is left whole.
func ZMTP(b []byte) []Field {
	c := cursor{rest: b}
	c.greeting()
	for delimited := false; len(c.rest) > 0; {
		delimited = c.frame(delimited)
	}
	return c.fields
}

// greeting takes the 64 bytes that each end sends before it knows the other.
func (c *cursor) greeting() {
	signature := c.peek(10)
	if len(signature) > 0 && signature[0] != 0xff || len(signature) == 10 && signature[9] != 0x7f {
		c.wrong("a greeting begins with ff, eight bytes of padding and 7f")
		return
	}
	c.take(10, "signature", "ff, eight bytes of padding, 7f: old peers read it as a long frame")
	version := c.peek(2)
	if len(version) > 0 && version[0] < 3 {
		c.wrong("version %d, whose greeting goes on in another way", version[0])
		return
	}
	c.take(2, "version", fmt.Sprintf("major and minor, %d", version))
	c.take(20, "mechanism", string(bytes.TrimRight(c.peek(20), "\x00")))
	c.take(1, "as-server", fmt.Sprintf("%d; only PLAIN and CURVE ask", c.peek(1)))
	c.take(31, "filler", "zeros, up to 64 bytes")
}
