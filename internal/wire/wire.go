// Package wire gives the bytes of a connection their names, so that a person
// can see where a message begins and what is spent around it.
//
// A [Dissector] reads one direction, from its first byte, in whatever pieces it
// comes, and waits for nothing. Every byte is in exactly one field, in order,
// whatever the bytes are; what cannot be is a field too, which says why.
package wire

import (
	"fmt"
	"math"
)

// A Field is some neighbouring bytes that mean one thing. It has at least one.
// A field that comes in pieces is told a piece at a time: each is a Field with
// what is known by then, and the last has the words for the whole.
type Field struct {
	Offset int    // of Bytes, from the start of the direction
	Bytes  []byte // a part of what was handed in, not a copy
	Before int    // how many bytes of the same field came earlier
	Whole  bool   // its last byte has come
	Ends   bool   // and with it, a message

	Name  string // "header", "body" …; Malformed for what cannot be
	Value string // what the bytes say, in a word or two
	Note  string // what they are for, what is wrong with them, or how many came
	Class Class
}

// Malformed is the name of a field whose bytes no correct peer sends. It reaches
// to the end of its command, or, where a frame itself cannot be, to the end of
// all: nobody can know where the next frame begins.
const Malformed = "malformed"

// Class is whom the bytes of a field serve.
type Class uint8

const (
	Framing Class = iota // they say where messages begin and end
	Payload              // they are what the users send
	Control              // one end's engine tells them the other's: greetings, commands
	Wrong                // they are Malformed
)

func (c Class) String() string { return [...]string{"framing", "payload", "control", "wrong"}[c] }

// headMost is how much of a field is kept to be read: more than any part that
// says how long the field is.
const headMost = 512

// A Dissector names the bytes of one direction. It keeps no more than the
// beginning of one field.
type Dissector struct {
	rule   rule
	head   []byte // the first bytes of the field that is coming, headMost at the most
	came   uint64 // how many of its bytes came
	offset int    // of the next byte
}

// A rule says what a field is, by as many of its first bytes as came. It is asked
// again whenever more came, and may then say more, but never a smaller size.
type rule func(head []byte) shape

// A shape is a field to be: never of no bytes.
type shape struct {
	size              uint64 // at least: with that many, the rule is asked again
	name, value, note string
	class             Class
	ends              bool
	next              rule // for the field behind it
}

// endless is the size of a field that only the direction ends.
const endless = math.MaxUint64

// wrong is the shape of size bytes that cannot be, and next goes on behind them.
func wrong(size uint64, next rule, format string, args ...any) shape {
	return shape{size: size, name: Malformed, note: fmt.Sprintf(format, args...), class: Wrong, next: next}
}

// lost is the shape of everything from here on.
func lost(format string, args ...any) shape { return wrong(endless, nil, format, args...) }

// Next names the bytes that come next.
func (d *Dissector) Next(p []byte) []Field {
	var fields []Field
	for len(p) > 0 {
		f := d.field(p)
		fields = append(fields, f)
		p = p[len(f.Bytes):]
	}
	return fields
}

// field takes from the front of p what belongs to one field.
func (d *Dissector) field(p []byte) Field {
	before, n, s := d.came, 0, d.rule(d.head)
	for d.came < s.size && n < len(p) {
		part := p[n:]
		part = part[:min(uint64(len(part)), s.size-d.came)]
		d.head = append(d.head, part[:min(len(part), headMost-len(d.head))]...)
		d.came += uint64(len(part))
		n += len(part)
		s = d.rule(d.head)
	}
	f := Field{
		Offset: d.offset, Bytes: p[:n:n], Before: int(before), Whole: d.came == s.size,
		Name: s.name, Value: s.value, Note: s.note, Class: s.class,
	}
	d.offset += n
	switch {
	case f.Whole:
		f.Ends = s.ends
		d.rule, d.head, d.came = s.next, d.head[:0], 0
	case s.size != endless:
		f.Value, f.Note = "", fmt.Sprintf("%d of %d bytes came", d.came, s.size)
	}
	return f
}

// NewAuto expects what the first byte tells: ff begins a greeting of ZMTP, 16
// a handshake of TLS, and anything else a length.
func NewAuto() *Dissector {
	return &Dissector{rule: func(head []byte) shape {
		switch {
		case len(head) == 0:
			return shape{size: 1}
		case head[0] == 0xff:
			return zmtp{}.signature(head)
		case head[0] == tlsHandshake:
			return tls{}.record(head)
		default:
			return length(head)
		}
	}}
}
