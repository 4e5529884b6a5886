//go:build linux

package load

import (
	"encoding/binary"
	"io"

	"golang.org/x/sys/unix"

	"echolab/echo"
	"echolab/echo/frame"
	"echolab/internal/hostile"
)

// encode is msg as a request on the wire; an echo is the same bytes.
func encode(wire echo.Wire, msg []byte) []byte {
	if wire == echo.Framed {
		return frame.Append(nil, msg)
	}
	out := []byte{1, 0} // REQ's empty delimiter, and MORE follows
	if len(msg) < 256 {
		out = append(out, 0, byte(len(msg)))
	} else {
		out = binary.BigEndian.AppendUint64(append(out, 2), uint64(len(msg)))
	}
	return append(out, msg...)
}

// handshake is ZMTP's: a greeting and a READY each way, in step, since some
// peers take no message before their own READY was sent.
func handshake(conn io.ReadWriter, wire echo.Wire) error {
	if wire == echo.Framed {
		return nil
	}
	if _, err := conn.Write(hostile.Greeting()); err != nil {
		return err
	}
	var greeting [64]byte
	if _, err := io.ReadFull(conn, greeting[:]); err != nil {
		return err
	}
	if _, err := conn.Write(hostile.Ready("REQ")); err != nil {
		return err
	}
	var head [2]byte // flags and length: a READY is short
	if _, err := io.ReadFull(conn, head[:]); err != nil {
		return err
	}
	_, err := io.ReadFull(conn, make([]byte, head[1]))
	return err
}

// blocking is a descriptor that blocks, as an io.ReadWriter.
type blocking int

func (fd blocking) Read(p []byte) (int, error) {
	n, err := unix.Read(int(fd), p)
	if n == 0 && err == nil {
		err = io.EOF
	}
	return max(n, 0), err
}

func (fd blocking) Write(p []byte) (int, error) { return unix.Write(int(fd), p) }
