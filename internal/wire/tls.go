package wire

import (
	"encoding/binary"
	"fmt"
)

// NewTLS expects records of TLS (RFC 8446). What is inside is encrypted, but for
// the beginning of the handshake.
func NewTLS() *Dissector { return &Dissector{rule: tls{}.record} }

const (
	tlsHandshake = 22
	tlsMost      = 1<<14 + 2048 // of a record, in TLS 1.2; 1.3 allows less
)

var tlsTypes = map[byte]string{20: "change cipher spec", 21: "alert", tlsHandshake: "handshake", 23: "application data"}

// tlsMessages are the handshake's, by their first byte.
var tlsMessages = map[byte]string{
	1: "ClientHello", 2: "ServerHello", 4: "NewSessionTicket", 8: "EncryptedExtensions", 11: "Certificate",
	12: "ServerKeyExchange", 13: "CertificateRequest", 14: "ServerHelloDone", 15: "CertificateVerify",
	16: "ClientKeyExchange", 20: "Finished",
}

// tls is what a rule has to know of the records before.
type tls struct {
	sealed bool // the keys were changed: the rest is encrypted
}

// record is the rule of a record's header: type, version, length.
func (t tls) record(head []byte) shape {
	s := shape{size: 5, name: "record"}
	if len(head) == 0 {
		return s
	}
	kind, known := tlsTypes[head[0]]
	switch {
	case !known:
		return lost("%d is no type of a TLS record", head[0])
	case len(head) > 1 && head[1] != 3:
		return lost("version %d; TLS writes 3 here, whatever its own", head[1])
	case len(head) < 5:
		return s
	}
	n := binary.BigEndian.Uint16(head[3:])
	if n > tlsMost {
		return lost("a record of %d bytes; %d is the most", n, tlsMost)
	}
	s.value, s.note = fmt.Sprintf("%s %d", kind, n), "type, version and length: so many bytes follow"
	s.class = tlsClass(head[0])
	t.sealed = t.sealed || head[0] == 20
	s.next = t.inside(head[0], uint64(n))
	return s
}

func tlsClass(kind byte) Class {
	if kind == 23 {
		return Framing
	}
	return Control
}

// inside is the rule of a record's n bytes.
func (t tls) inside(kind byte, n uint64) rule {
	if n == 0 {
		return t.record
	}
	return func(head []byte) shape {
		s := shape{size: n, name: tlsTypes[kind], note: "encrypted", class: Control, next: t.record}
		switch {
		case kind == 23:
			s.name, s.class = "sealed", Payload
			s.note = "encrypted, with its real type: in TLS 1.3 the end of the handshake, too"
		case kind == 20:
			s.note = "from here on the sender encrypts"
		case !t.sealed && len(head) > 0 && kind == tlsHandshake:
			s.value, s.note = tlsMessages[head[0]], "in the clear: there are no keys yet"
		case !t.sealed && len(head) == 2:
			s.value, s.note = fmt.Sprint(head[1]), "in the clear: how bad it is, and which alert"
		}
		return s
	}
}
