package wire

import (
	"encoding/binary"
	"fmt"
)

// meaning is what each command is for.
var meaning = map[string]string{
	"HELLO":     "the client asks to be let in",
	"WELCOME":   "the server lets it go on",
	"INITIATE":  "the client introduces itself",
	"READY":     "ends the handshake: the sender introduces itself",
	"ERROR":     "the sender hangs up, and says why",
	"PING":      "asks for a PONG, to see that the peer lives",
	"PONG":      "answers a PING",
	"SUBSCRIBE": "asks for messages that begin with a topic",
	"CANCEL":    "takes a SUBSCRIBE back",
	"MESSAGE":   "a frame of a message, sealed",
}

// command is the rule of a command's name, its length in one byte before it.
func (z zmtp) command(size uint64) rule {
	return func(head []byte) shape {
		s := shape{size: 1, name: "command", class: Control}
		if len(head) == 0 {
			return s
		}
		s.size += uint64(head[0])
		if head[0] == 0 || s.size > size {
			return wrong(size, z.frame, "a command begins with a name and its length; %d does not fit", head[0])
		}
		if len(head) >= int(s.size) {
			name, left := string(head[1:s.size]), size-s.size
			if least := z.least(name); left < least {
				return wrong(size, z.frame, "%s with %d bytes behind its name, and it needs %d", name, left, least)
			}
			s.value, s.note, s.next = word(head[1:s.size]), meaning[name], z.content(name, left)
		}
		return s
	}
}

// least is how many bytes a command has behind its name at the least.
func (z zmtp) least(name string) uint64 {
	if parts, ok := curve[name]; ok && z.mechanism == "CURVE" {
		least := uint64(0)
		for _, p := range parts {
			least += max(p.size, 1)
		}
		return least
	}
	return map[string]uint64{"HELLO": 2, "ERROR": 1, "PING": 2}[name] // two lengths, one, a ttl
}

// content is the rule of what follows a command's name, to the command's end.
func (z zmtp) content(name string, left uint64) rule {
	if z.mechanism == "CURVE" {
		if parts, ok := curve[name]; ok {
			return z.parts(parts, left)
		}
	}
	switch name {
	case "READY", "INITIATE":
		return z.property(left)
	case "HELLO":
		password := func(left uint64) rule { return z.text("password", left, 0, z.nothing) }
		return z.text("username", left, 1, password)
	case "WELCOME":
		return z.nothing(left)
	case "ERROR":
		return z.text("reason", left, 0, z.nothing)
	case "PING":
		return z.parts([]part{{"ttl", 2, "tenths of a second, after which a silent sender counts as dead"}, context}, left)
	case "PONG":
		return z.parts([]part{context}, left)
	case "SUBSCRIBE", "CANCEL":
		return z.parts([]part{{"topic", 0, "empty: every message"}}, left)
	}
	return z.parts([]part{{"data", 0, "of a command that the lab does not know"}}, left)
}

var context = part{"context", 0, "what PONG is to send back"}

// property is the rule of a property's name, a byte with its length before it,
// and four with the length of its value behind.
func (z zmtp) property(left uint64) rule {
	if left == 0 {
		return z.frame
	}
	return func(head []byte) shape {
		s := shape{size: 1, name: "property", class: Control}
		if len(head) == 0 {
			return s
		}
		n := int(head[0])
		s.size += uint64(n) + 4
		if n == 0 || s.size > left {
			return wrong(left, z.frame, "a property without a name, or with no length of its value")
		}
		if len(head) < int(s.size) {
			return s
		}
		value, rest := uint64(binary.BigEndian.Uint32(head[1+n:])), left-s.size
		if value > rest {
			return wrong(left, z.frame, "a property's value of %d bytes; the command has %d more", value, rest)
		}
		s.value, s.note = word(head[1:1+n]), fmt.Sprintf("a name, and the length of its value: %d", value)
		s.next = z.some(part{"value", value, "of this property"}, z.property(rest-value))
		return s
	}
}

// text is the rule of a short text, its length in one byte before it. At least
// reserve bytes belong to what follows, of which then is the rule.
func (z zmtp) text(name string, left, reserve uint64, then func(left uint64) rule) rule {
	return func(head []byte) shape {
		s := shape{size: 1, name: name, class: Control}
		if len(head) == 0 {
			return s
		}
		s.size += uint64(head[0])
		if s.size+reserve > left {
			return wrong(left, z.frame, "a %s of %d bytes does not fit into the %d that the command still has", name, head[0], left-1)
		}
		s.value, s.note = fmt.Sprintf("%+q", head[1:]), "a byte with its length, and the text"
		s.next = then(left - s.size)
		return s
	}
}
