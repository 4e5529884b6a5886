package hostile

import (
	"context"
	"net"
)

func unfinished() []Peer {
	return []Peer{{
		Name:  "unfinished-handshake",
		Story: "greets, and never says READY. The deadline must be on the handshake, not on its first part.",
		Wires: zmtp, Times: 1, Waits: true,
		Attack: attack(func(_ context.Context, conn *net.TCPConn, _ int) {
			conn.Write(Greeting())
			hold(conn)
		}),
	}}
}
