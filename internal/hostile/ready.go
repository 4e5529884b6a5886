package hostile

import (
	"context"
	"encoding/binary"
	"net"
)

// ready are the commands that a parser without bounds trips over: each length
// in them points past the end, or is not there.
func ready() []Peer {
	const story = "shakes hands with a READY that is wrong: "
	bad := func(name, what string, frame []byte) Peer {
		return Peer{Name: "ready-" + name, Story: story + what + ".", Wires: zmtp, Times: 1, Attack: attack(greeted(frame))}
	}
	body := func(properties string) []byte { return frame(command, readyName+properties) }
	typed := property("Socket-Type", "REQ")
	return []Peer{
		bad("empty-command", "a command of no bytes, not even a name", frame(command, "")),
		bad("no-name", "a name of no bytes", frame(command, "\x00")),
		bad("name-past-end", "a name of 255 bytes, of which 5 are there", frame(command, "\xffREADY")),
		bad("no-socket-type", "no Socket-Type", body("")),
		bad("property-no-name", "a property whose name has no bytes", body(property("", "REQ")+typed)),
		bad("property-cut-name", "a property that ends in its name", body("\x0bSocket")),
		bad("property-no-length", "a property without the length of its value", body("\x0bSocket-Type")),
		bad("property-cut-length", "a property with half the length of its value", body("\x0bSocket-Type\x00\x00")),
		bad("property-past-end", "a value of 255 bytes, of which 3 are there", body("\x0bSocket-Type\x00\x00\x00\xffREQ")),
		bad("property-2^31", "a value of 2^31 bytes", body("\x0bSocket-Type\x80\x00\x00\x00REQ")),
		bad("property-2^32-1", "a value of 2^32-1 bytes", body("\x0bSocket-Type\xff\xff\xff\xffREQ")),
		bad("trailing", "a byte after its last property", body(typed+"\x0b")),
		giantReady(),
	}
}

// giantReady keeps its promise, unlike an oversize: each byte does come.
func giantReady() Peer {
	const size, chunk = 16 << 20, 64 << 10
	return Peer{
		Name:  "ready-giant",
		Story: "shakes hands with a READY of 16 MiB, all of it sent. Nobody is known yet, so nobody is owed that much memory.",
		Wires: zmtp, Times: 1,
		Attack: attack(func(_ context.Context, conn *net.TCPConn, _ int) {
			conn.Write(append(Greeting(), announce(command, size)...))
			head := readyName + property("Socket-Type", "REQ") + "\x07X-Story"
			head = string(binary.BigEndian.AppendUint32([]byte(head), uint32(size-len(head)-4)))
			conn.Write([]byte(head))
			story := make([]byte, chunk)
			for left := size - len(head); left > 0; left -= chunk {
				if _, err := conn.Write(story[:min(left, chunk)]); err != nil {
					return // dropped: it is bounded
				}
			}
			leave(conn)
		}),
	}
}
