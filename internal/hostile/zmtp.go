package hostile

import (
	"context"
	"encoding/binary"
	"io"
	"net"
)

// The bits of a ZMTP frame's first byte.
const (
	more    = 1 << 0
	long    = 1 << 1
	command = 1 << 2
)

// Greeting is a correct one: ZMTP 3.0 and the NULL mechanism, 64 bytes.
func Greeting() []byte {
	g := make([]byte, 64)
	g[0], g[9] = 0xff, 0x7f // the signature
	g[10] = 3               // the version, 3.0
	copy(g[12:], "NULL")
	return g
}

// Ready is a correct READY of a socket of that type ("REQ"), as a frame.
func Ready(socketType string) []byte {
	return frame(command, readyName+property("Socket-Type", socketType))
}

const readyName = "\x05READY" // a command begins with its name, and a length before that

// property is a name, its length in one byte, and a value, its length in four.
func property(name, value string) string {
	b := append([]byte{byte(len(name))}, name...)
	return string(binary.BigEndian.AppendUint32(b, uint32(len(value)))) + value
}

// frame is body with a header: flags, and a size in one byte, or in eight.
func frame(flags byte, body string) []byte {
	if len(body) > 255 {
		return append(announce(flags, uint64(len(body))), body...)
	}
	return append([]byte{flags, byte(len(body))}, body...)
}

// announce is the header of a frame of size bytes, in its long form.
func announce(flags byte, size uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{flags | long}, size)
}

// greeted says a correct greeting and then b, where READY should stand.
func greeted(b []byte) script { return say(append(Greeting(), b...)) }

// shaken does what is right, as a REQ, and then says b.
func shaken(b []byte) script {
	return func(ctx context.Context, conn *net.TCPConn, most int) {
		if handshake(conn) {
			say(b)(ctx, conn, most)
		}
	}
}

// handshake says the greeting, hears the server's, and the same with READY.
// One after the other, as some servers (libzmq 4.3.4) need it.
func handshake(conn *net.TCPConn) bool {
	conn.Write(Greeting())
	if _, err := io.CopyN(io.Discard, conn, 64); err != nil {
		return false
	}
	conn.Write(Ready("REQ"))
	header := make([]byte, 2, 9)
	if _, err := io.ReadFull(conn, header); err != nil {
		return false
	}
	size := int64(header[1])
	if header[0]&long != 0 {
		if _, err := io.ReadFull(conn, header[2:9]); err != nil {
			return false
		}
		size = int64(binary.BigEndian.Uint64(header[1:9]))
	}
	_, err := io.CopyN(io.Discard, conn, size)
	return err == nil
}
