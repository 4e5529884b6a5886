package hostile

import (
	"context"
	"net"
	"time"
)

func slow() []Peer {
	return []Peer{{
		Name:  "slow-header",
		Story: "sends a message a byte a second. A deadline on each read never ends it; one on the message does.",
		Wires: framed, Times: 1, Waits: true,
		Attack: attack(byteASecond([]byte("\x00\x00\x00\x3cOne byte a second, and every one of them is on its way. Wait"))),
	}, {
		Name:  "slow-greeting",
		Story: "sends its greeting a byte a second, which takes a minute. A handshake needs a deadline as a whole.",
		Wires: zmtp, Times: 1, Waits: true,
		Attack: attack(byteASecond(Greeting())),
	}}
}

func byteASecond(b []byte) script {
	return func(ctx context.Context, conn *net.TCPConn, _ int) {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for i := range b {
			if _, err := conn.Write(b[i : i+1]); err != nil {
				return // dropped, as it should be
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
		leave(conn)
	}
}
