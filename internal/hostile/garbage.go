package hostile

import (
	"context"
	"math/rand/v2"
	"net"
)

func garbage() []Peer {
	return []Peer{{
		Name:  "garbage",
		Story: "sends 64 KiB of random bytes. Whatever they seem to announce, believe none of it.",
		Wires: either, Times: 1,
		Attack: attack(func(ctx context.Context, conn *net.TCPConn, most int) {
			b := make([]byte, 64<<10)
			random := rand.New(rand.NewPCG(1, 1)) // the same garbage each time
			for i := range b {
				b[i] = byte(random.Uint32())
			}
			say(b)(ctx, conn, most)
		}),
	}}
}
