package suite

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"

	"echolab/echo"
	"echolab/internal/hostile"
)

const (
	more    = 1 // flags of a ZMTP frame, RFC 23
	long    = 2
	command = 4
)

// A peer is one end of a connection, written for these checks alone.
type peer struct {
	*net.TCPConn
	wire echo.Wire
	in   *bufio.Reader
}

// dial connects to a server and, on ZMTP, shakes hands as a REQ.
func dial(ctx context.Context, wire echo.Wire, addr string) (*peer, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return greet(ctx, conn, wire, "REQ")
}

// greet makes a peer of a connection. Greeting, then READY, each waits for the
// other side's: libzmq 4.3.4 refuses both, and a message, in one segment.
func greet(ctx context.Context, conn net.Conn, wire echo.Wire, socket string) (*peer, error) {
	p := &peer{conn.(*net.TCPConn), wire, bufio.NewReader(conn)}
	if deadline, ok := ctx.Deadline(); ok {
		p.SetDeadline(deadline)
	}
	if wire == echo.Framed {
		return p, nil
	}
	err := p.shakeHands(socket)
	if err != nil {
		p.Close()
		return nil, fmt.Errorf("handshake: %w", err)
	}
	return p, nil
}

func (p *peer) shakeHands(socket string) error {
	if _, err := p.Write(hostile.Greeting()); err != nil {
		return err
	}
	var greeting [64]byte
	if _, err := io.ReadFull(p.in, greeting[:]); err != nil {
		return err
	}
	if greeting[0] != 0xff || greeting[9] != 0x7f || greeting[10] < 3 {
		return fmt.Errorf("% x… begins no ZMTP 3 greeting", greeting[:11])
	}
	if _, err := p.Write(hostile.Ready(socket)); err != nil {
		return err
	}
	flags, body, err := p.frame()
	if err == nil && (flags&command == 0 || !bytes.HasPrefix(body, []byte("\x05READY"))) {
		err = fmt.Errorf("flags %#x, body %q is no READY", flags, body)
	}
	return err
}

// encode is one message on the wire.
func encode(wire echo.Wire, msg []byte) []byte {
	if wire == echo.Framed {
		return append(binary.BigEndian.AppendUint32(nil, uint32(len(msg))), msg...)
	}
	if len(msg) < 256 {
		return append([]byte{more, 0, 0, byte(len(msg))}, msg...)
	}
	return append(binary.BigEndian.AppendUint64([]byte{more, 0, long}, uint64(len(msg))), msg...)
}

// send writes messages by a single call.
func (p *peer) send(msgs ...[]byte) error {
	var all []byte
	for _, msg := range msgs {
		all = append(all, encode(p.wire, msg)...)
	}
	_, err := p.Write(all)
	return err
}

// recv reads one message.
func (p *peer) recv() ([]byte, error) {
	if p.wire == echo.ZMTP {
		return p.recvZMTP()
	}
	var header [4]byte
	if _, err := io.ReadFull(p.in, header[:]); err != nil {
		return nil, err
	}
	return p.body(uint64(binary.BigEndian.Uint32(header[:])))
}

// recvZMTP reads an empty delimiter frame and one frame behind it.
func (p *peer) recvZMTP() ([]byte, error) {
	for {
		flags, body, err := p.frame()
		switch {
		case err != nil:
			return nil, err
		case flags&command != 0:
			continue
		case flags&more == 0 || len(body) != 0:
			return nil, fmt.Errorf("a message begins with flags %#x and %d bytes, not with an empty delimiter", flags, len(body))
		}
		if flags, body, err = p.frame(); err == nil && flags&more != 0 {
			err = fmt.Errorf("a reply has more than one frame")
		}
		return body, err
	}
}

// frame reads one ZMTP frame.
func (p *peer) frame() (flags byte, body []byte, err error) {
	if flags, err = p.in.ReadByte(); err != nil {
		return 0, nil, err
	}
	size := make([]byte, 8)
	if flags&long != 0 {
		_, err = io.ReadFull(p.in, size)
	} else {
		size[7], err = p.in.ReadByte()
	}
	if err == nil {
		body, err = p.body(binary.BigEndian.Uint64(size))
	}
	return flags, body, err
}

func (p *peer) body(n uint64) ([]byte, error) {
	if n > 64<<20 {
		return nil, fmt.Errorf("a reply announces %d bytes", n)
	}
	body := make([]byte, n)
	_, err := io.ReadFull(p.in, body)
	return body, err
}
