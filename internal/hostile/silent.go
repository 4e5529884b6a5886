package hostile

import (
	"context"
	"net"
)

func silent() []Peer {
	return []Peer{{
		Name:  "silent",
		Story: "connects and says nothing. Whoever serves one connection at a time now serves nobody.",
		Wires: either, Times: 100, Waits: true,
		Attack: attack(func(_ context.Context, conn *net.TCPConn, _ int) { hold(conn) }),
	}}
}
