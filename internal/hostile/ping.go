package hostile

import (
	"context"
	"net"
	"strings"
)

func ping() []Peer {
	return []Peer{{
		Name:  "giant-ping",
		Story: "sends a PING whose context is as large as a message may be. RFC 37 allows 16 bytes, and the PONG would have to carry it back.",
		Wires: zmtp, Times: 1,
		Attack: attack(func(ctx context.Context, conn *net.TCPConn, most int) {
			shaken(frame(command, "\x04PING\x00\x00"+strings.Repeat("x", most)))(ctx, conn, most)
		}),
	}}
}
