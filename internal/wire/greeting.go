package wire

import (
	"bytes"
	"fmt"
)

// NewZMTP expects ZMTP 3.0 or 3.1 (RFC 23/ZMTP, RFC 37/ZMTP): a greeting, then
// commands and messages, by the mechanism that the greeting names: NULL, PLAIN
// or CURVE.
func NewZMTP() *Dissector { return &Dissector{rule: zmtp{}.signature} }

// ZMTP names the bytes of a direction that is at hand as a whole.
func ZMTP(b []byte) []Field { return NewZMTP().Next(b) }

// zmtp is what a rule has to know of the bytes before. It is a value, so that a
// rule that is asked twice says the same twice.
type zmtp struct {
	mechanism string
	delimited bool // the message has had its delimiter
}

// The greeting is 64 bytes, which each end sends before it knows the other.

func (z zmtp) signature(head []byte) shape {
	if len(head) > 0 && head[0] != 0xff || len(head) > 9 && head[9] != 0x7f {
		return lost("a greeting begins with ff, eight bytes of padding and 7f")
	}
	return shape{
		size: 10, name: "signature", class: Control, next: z.version,
		note: "ff, eight bytes of padding, 7f: to peers of ZMTP 1 it reads as a long frame",
	}
}

func (z zmtp) version(head []byte) shape {
	if len(head) > 0 && head[0] < 3 {
		return lost("version %d, whose greeting goes on in another way", head[0])
	}
	s := shape{size: 2, name: "version", class: Control, next: z.named}
	if len(head) == 2 {
		s.value, s.note = fmt.Sprintf("%d.%d", head[0], head[1]), "major and minor; both ends go by the lower"
	}
	return s
}

func (z zmtp) named(head []byte) shape {
	s := shape{size: 20, name: "mechanism", class: Control}
	if len(head) == 20 {
		z.mechanism = string(bytes.TrimRight(head, "\x00"))
		s.value, s.note, s.next = word([]byte(z.mechanism)), "how the ends prove who they are; zeros fill it up", z.asServer
	}
	return s
}

func (z zmtp) asServer(head []byte) shape {
	s := shape{size: 1, name: "as-server", class: Control, note: "who is the server to PLAIN and CURVE; NULL does not ask", next: z.filler}
	if len(head) == 1 {
		s.value = fmt.Sprint(head[0])
	}
	return s
}

func (z zmtp) filler([]byte) shape {
	return shape{size: 31, name: "filler", class: Control, note: "zeros, up to 64 bytes", next: z.frame}
}
