package wire

// A part of a command has a size of its own, or 0 for the rest of the command.
type part struct {
	name string
	size uint64
	note string
}

// curve is what CURVE puts into its commands (RFC 26/CurveZMQ). Only the ends can
// open a box.
var curve = map[string][]part{
	"HELLO": {
		{"curve-version", 2, "of CurveZMQ: major and minor"},
		{"padding", 72, "zeros, so that HELLO is longer than WELCOME: no amplification"},
		{"client-key", 32, "the client's short-term public key, made for this connection"},
		nonce,
		{"signature", 80, "64 zeros in a box: the client has the server's public key"},
	},
	"WELCOME": {
		{"nonce", 16, "the long one, random"},
		{"box", 144, "the server's short-term key and a cookie, sealed"},
	},
	"INITIATE": {
		{"cookie", 96, "given back, so that the server need not remember"},
		nonce,
		{"box", 0, "the client's long-term key, the vouch for it and its properties, sealed"},
	},
	"READY": {nonce, {"box", 0, "the server's properties, sealed"}},
}

var nonce = part{"nonce", 8, "a number used once: the sender's count"}

// parts is the rule of the parts in turn, to the end of the command. There are
// enough bytes for them: least has seen to it.
func (z zmtp) parts(parts []part, left uint64) rule {
	if len(parts) == 0 {
		return z.nothing(left)
	}
	p := parts[0]
	if p.size == 0 {
		p.size = left
	}
	return z.some(p, z.parts(parts[1:], left-p.size))
}

// some is the rule of one part, which may be of no bytes. Keys and boxes of CURVE
// say nothing to a reader, so they are not quoted.
func (z zmtp) some(p part, next rule) rule {
	if p.size == 0 {
		return next
	}
	return func(head []byte) shape {
		s := shape{size: p.size, name: p.name, note: p.note, class: Control, next: next}
		if z.mechanism != "CURVE" {
			s.value = show(head, p.size)
		}
		return s
	}
}

// nothing is the rule of a command that is to end here.
func (z zmtp) nothing(left uint64) rule {
	if left == 0 {
		return z.frame
	}
	return func([]byte) shape { return wrong(left, z.frame, "%d bytes more than this command has", left) }
}

// sealed is the rule of a frame that CURVE carries: the word MESSAGE, a nonce and
// a box. Whether more frames follow is said inside the box.
func (z zmtp) sealed(size uint64) rule {
	const word, least = "\x07MESSAGE", 8 + 8 + 17 // with a box of nothing but its seal and flags
	if size == 0 {
		return z.frame
	}
	return func(head []byte) shape {
		n := min(len(head), len(word))
		if size < least || string(head[:n]) != word[:n] {
			return wrong(size, z.frame, "no MESSAGE, and CURVE carries nothing else")
		}
		box := func([]byte) shape {
			return shape{
				size: size - 16, name: "box", class: Payload, next: z.frame,
				note: "flags and a frame, sealed, with 16 bytes that prove it",
			}
		}
		count := func([]byte) shape {
			return shape{size: nonce.size, name: nonce.name, note: nonce.note, next: box}
		}
		return shape{size: uint64(len(word)), name: "command", value: "MESSAGE", note: meaning["MESSAGE"], next: count}
	}
}
