package hostile

import (
	"context"
	"net"
)

func half() []Peer {
	const story = "sends half a message and stays. Its half must cost no more than itself, and not for ever."
	return []Peer{{
		Name: "half-message", Story: story,
		Wires: framed, Times: 1, Waits: true,
		Attack: attack(func(_ context.Context, conn *net.TCPConn, _ int) {
			conn.Write([]byte("\x00\x00\x00\x0ahello"))
			hold(conn)
		}),
	}, {
		Name: "half-message", Story: story,
		Wires: zmtp, Times: 1, Waits: true,
		Attack: attack(func(_ context.Context, conn *net.TCPConn, _ int) {
			if handshake(conn) {
				conn.Write([]byte("\x01\x00\x00\x0ahello"))
				hold(conn)
			}
		}),
	}}
}
