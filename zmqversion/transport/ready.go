package transport

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/go-zeromq/zmq4"
)

// ready is a READY command frame: the type of the socket, and an identity, which
// is empty: no one here addresses a peer by name.
func ready(socket zmq4.SocketType) []byte {
	data := appendProperty(nil, "Socket-Type", string(socket))
	data = appendProperty(data, "Identity", "")
	return appendCommand(nil, zmq4.CmdReady, data)
}

// appendProperty appends a name, one byte long, and a value, four bytes long.
func appendProperty(dst []byte, name, value string) []byte {
	dst = append(append(dst, byte(len(name))), name...)
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(value)))
	return append(dst, value...)
}

// peerType finds the socket type in the properties of a READY.
func peerType(data []byte) (zmq4.SocketType, error) {
	var found zmq4.SocketType
	for len(data) > 0 {
		name, value, rest, ok := splitProperty(data)
		if !ok {
			return "", fmt.Errorf("%w: a READY whose properties are cut short", errHandshake)
		}
		if strings.EqualFold(name, "Socket-Type") { // "names are case-insensitive"
			found = zmq4.SocketType(value)
		}
		data = rest
	}
	return found, nil
}

func splitProperty(b []byte) (name string, value, rest []byte, ok bool) {
	n := 1 + int(b[0])
	if len(b) < n+4 {
		return "", nil, nil, false
	}
	size := binary.BigEndian.Uint32(b[n:])
	value = b[n+4:]
	if uint64(size) > uint64(len(value)) {
		return "", nil, nil, false
	}
	return string(b[1:n]), value[:size], value[size:], true
}
