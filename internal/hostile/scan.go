package hostile

import (
	"context"
	"net"
)

func scan() []Peer {
	return []Peer{{
		Name:  "port-scan",
		Story: "connects and closes, ten thousand times. A descriptor or goroutine forgotten by each is soon all there are.",
		Wires: either, Times: 10_000,
		Attack: attack(func(context.Context, *net.TCPConn, int) {}),
	}}
}
