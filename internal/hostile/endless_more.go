package hostile

import (
	"bytes"
	"context"
	"net"
)

func endlessMore() []Peer {
	const frames, chunk = 3_000_000, 30_000
	return []Peer{{
		Name:  "endless-more",
		Story: "sends a message of 3 million empty frames. Each is within any limit of size; it is their number that has none.",
		Wires: zmtp, Times: 1,
		Attack: attack(func(_ context.Context, conn *net.TCPConn, _ int) {
			if !handshake(conn) {
				return
			}
			empty := bytes.Repeat([]byte{more, 0}, chunk)
			for range frames / chunk {
				if _, err := conn.Write(empty); err != nil {
					return // dropped: the server counts
				}
			}
			leave(conn)
		}),
	}}
}
