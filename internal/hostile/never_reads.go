package hostile

import (
	"context"
	"encoding/binary"
	"net"
	"time"
)

// unread is how many bytes of replies are asked for and never read.
const unread = 64 << 20

func neverReads() []Peer {
	const story = "asks for 64 MiB of replies and reads none. They must not pile up in the server: it is to read no more, and in the end hang up."
	return []Peer{{
		Name: "never-reads", Story: story,
		Wires: framed, Times: 1,
		Attack: attack(func(_ context.Context, conn *net.TCPConn, most int) {
			body := make([]byte, min(most, 64<<10))
			ask(conn, append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...), len(body))
		}),
	}, {
		Name: "never-reads", Story: story,
		Wires: zmtp, Times: 1,
		Attack: attack(func(_ context.Context, conn *net.TCPConn, most int) {
			body := string(make([]byte, min(most, 64<<10)))
			if handshake(conn) {
				ask(conn, append([]byte{more, 0}, frame(0, body)...), len(body))
			}
		}),
	}}
}

// ask sends the request until its replies would be 64 MiB, or the server has
// read nothing more for a second, or has hung up.
func ask(conn *net.TCPConn, request []byte, reply int) {
	conn.SetReadBuffer(4 << 10) // so that the replies stay where they hurt
	stuck := time.AfterFunc(patience, func() { conn.Close() })
	defer stuck.Stop()
	for sent := 0; sent < unread; sent += reply {
		if _, err := conn.Write(request); err != nil {
			return
		}
		stuck.Reset(patience)
	}
}
