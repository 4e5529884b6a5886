// Package wire gives the bytes of a connection their names, so that a person
// can see where a message begins and what is spent around it.
//
// It is handed one direction, from its first byte, and waits for nothing. Every
// byte is in exactly one field, in order, whatever the bytes are: what has not
// come whole says how much of it came, and what cannot be says why.
package wire

import "fmt"

// A Field is some neighbouring bytes that mean one thing. It has at least one.
type Field struct {
	Offset int    // of the first byte, from the start of the direction
	Bytes  []byte // a part of what was handed in, not a copy
	Name   string // "header", "body" …; Malformed for what cannot be
	Note   string // what these bytes say, or what is wrong with them
}

// Malformed is the name of a field whose bytes no correct peer sends. It reaches
// to the end of its command, or, where a frame itself cannot be, to the end of
// all: nobody can know where the next frame begins.
const Malformed = "malformed"

// A cursor takes fields from the front of rest.
type cursor struct {
	rest   []byte
	offset int
	fields []Field
}

// take makes the next n bytes a field. Are there fewer, they are one all the
// same, with a note of how many came.
func (c *cursor) take(n uint64, name, note string) {
	if came := uint64(len(c.rest)); came < n {
		note = fmt.Sprintf("%d of %d bytes came", came, n)
		n = came
	}
	if n == 0 {
		return
	}
	c.fields = append(c.fields, Field{c.offset, c.rest[:n:n], name, note})
	c.offset, c.rest = c.offset+int(n), c.rest[n:]
}

// peek is the next n bytes, or as many as came.
func (c *cursor) peek(n int) []byte { return c.rest[:min(n, len(c.rest))] }

// wrong makes all that is left one field that says why it cannot be.
func (c *cursor) wrong(format string, args ...any) {
	c.take(uint64(len(c.rest)), Malformed, fmt.Sprintf(format, args...))
}

// show is the first n bytes of b as a reader can take them in: quoted, shortened.
func show(b []byte, n uint64) string {
	const most = 32
	b = b[:min(n, uint64(len(b)))]
	if len(b) <= most {
		return fmt.Sprintf("%q", b)
	}
	return fmt.Sprintf("%q… %d bytes", b[:most], len(b))
}
