package hostile

import (
	"context"
	"net"
)

func resets() []Peer {
	const story = "resets in the middle of a message, a thousand times. Each must leave nothing behind."
	return []Peer{{
		Name: "reset-mid-message", Story: story,
		Wires: framed, Times: 1000,
		Attack: attack(func(_ context.Context, conn *net.TCPConn, _ int) {
			conn.Write([]byte("\x00\x00\x00\x0ahello"))
			conn.SetLinger(0) // Close sends RST
		}),
	}, {
		Name: "reset-mid-message", Story: story,
		Wires: zmtp, Times: 1000,
		Attack: attack(func(_ context.Context, conn *net.TCPConn, _ int) {
			if handshake(conn) {
				conn.Write([]byte("\x01\x00\x00\x0ahello"))
				conn.SetLinger(0)
			}
		}),
	}}
}
