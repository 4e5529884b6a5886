package hostile

import (
	"context"
	"encoding/binary"
	"math"
	"net"
)

// oversize are lengths not to be believed: memory is taken for bytes that have
// come, never for an announcement.
func oversize() []Peer {
	return []Peer{
		oversizeFramed("2^31", 1<<31),
		oversizeFramed("2^32-1", math.MaxUint32),
		oversizeZMTP("2^31", 1<<31),
		oversizeZMTP("2^62", 1<<62), // as an int still positive
		oversizeZMTP("2^63", 1<<63), // as an int negative
		oversizeEarly("2^31", 1<<31),
		oversizeEarly("2^62", 1<<62),
		oversizeEarly("2^63", 1<<63),
		{
			Name:  "oversize-by-one",
			Story: "sends a message one byte over the limit, which is to hold to the byte.",
			Wires: framed, Times: 1,
			Attack: attack(func(ctx context.Context, conn *net.TCPConn, most int) {
				header := binary.BigEndian.AppendUint32(nil, uint32(most+1))
				say(append(header, make([]byte, most+1)...))(ctx, conn, most)
			}),
		},
		{
			Name:  "oversize-by-one",
			Story: "sends a message one byte over the limit, which is to hold to the byte.",
			Wires: zmtp, Times: 1,
			Attack: attack(func(ctx context.Context, conn *net.TCPConn, most int) {
				shaken(append([]byte{more, 0}, frame(0, string(make([]byte, most+1)))...))(ctx, conn, most)
			}),
		},
	}
}

// begun is what follows the announcement of a message that will never end.
var begun = make([]byte, 1024)

func oversizeFramed(name string, size uint32) Peer {
	return Peer{
		Name:  "oversize-" + name,
		Story: "announces a message of " + name + " bytes and begins to send it.",
		Wires: framed, Times: 1,
		Attack: attack(say(append(binary.BigEndian.AppendUint32(nil, size), begun...))),
	}
}

func oversizeZMTP(name string, size uint64) Peer {
	return Peer{
		Name:  "oversize-" + name,
		Story: "announces a frame of " + name + " bytes and begins to send it.",
		Wires: zmtp, Times: 1,
		Attack: attack(shaken(append([]byte{more, 0}, append(announce(0, size), begun...)...))),
	}
}

func oversizeEarly(name string, size uint64) Peer {
	return Peer{
		Name:  "oversize-early-" + name,
		Story: "announces a READY of " + name + " bytes: what is bounded after the handshake may not be within it.",
		Wires: zmtp, Times: 1,
		Attack: attack(greeted(append(announce(command, size), begun...))),
	}
}
