package transport

import (
	"context"
	"net"
	"os"
	"syscall"

	zmqtransport "github.com/go-zeromq/zmq4/transport"
)

// dial connects and shakes hands. ctx is the socket's: closing it ends dial.
func (g *Guard) dial(ctx context.Context, d zmqtransport.Dialer, addr string) (net.Conn, error) {
	tcp, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	c := newConn(g, tcp)
	if toItself(tcp) {
		err = &net.OpError{
			Op: "dial", Net: "tcp", Addr: tcp.RemoteAddr(),
			Err: os.NewSyscallError("connect", syscall.ECONNREFUSED),
		}
		c.hangUp(err)
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { tcp.Close() })
	err = c.handshake()
	if !stop() {
		err = ctx.Err() // tcp is closed, or about to be
	}
	if err != nil {
		c.hangUp(err)
		return nil, err
	}
	return c, nil
}

// toItself reports whether the kernel chose, for our end, the very port that was
// dialled: two ends opening at once are one TCP connection, here with one end.
func toItself(tcp net.Conn) bool {
	return tcp.LocalAddr().String() == tcp.RemoteAddr().String()
}
