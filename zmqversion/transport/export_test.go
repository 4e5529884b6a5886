package transport

import (
	"net"

	"github.com/go-zeromq/zmq4"

	"echolab/echo"
)

// What the tests see of the inside.
var (
	CheckGreeting = checkGreeting
	Greeting      = greeting
	PeerType      = peerType
	SplitCommand  = splitCommand
	AppendCommand = appendCommand
	AppendHeader  = appendHeader
)

const (
	Growth       = growth
	More         = more
	MaxFrames    = maxFrames
	HandshakeErr = "no ZMTP handshake"
)

// Parse reports the flags, and the sizes of header and body.
func Parse(b []byte, most int) (flags byte, header, size int, ok bool, err error) {
	f, ok, err := parse(b, most)
	return f.flags, f.header, f.size, ok, err
}

// ReadyCommand is a READY of a socket of that type.
func ReadyCommand(socket zmq4.SocketType) []byte { return ready(socket) }

// Inner is what zmq4 would have of tcp once the handshake is done: a connection of
// a REQ, which has no turns to wait for.
func Inner(tcp net.Conn, most int) net.Conn {
	c := newConn(New(zmq4.Req, echo.Options{MaxMessage: most}), tcp)
	c.script = append(greeting("NULL"), ready(zmq4.Rep)...)
	return c
}
