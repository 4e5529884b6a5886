package hostile

import (
	"context"
	"crypto/tls"
	"io"
	"net"
)

func tlsHello() []Peer {
	return []Peer{{
		Name:  "tls-hello",
		Story: "takes the server for an encrypted one, and begins with a ClientHello (16 03 01 …).",
		Wires: either, Times: 1,
		Attack: attack(func(_ context.Context, conn *net.TCPConn, _ int) {
			tls.Client(mute{conn}, &tls.Config{ServerName: "localhost"}).Handshake()
			leave(conn)
		}),
	}}
}

// mute is a connection on which no answer comes, so that a handshake ends after
// its first message.
type mute struct{ net.Conn }

func (mute) Read([]byte) (int, error) { return 0, io.EOF }
