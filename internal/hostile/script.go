package hostile

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"time"
)

// A script is what a peer does once it is connected. It ignores the errors of
// its reads and writes: they are the server's answer, or the end of ctx.
type script func(ctx context.Context, conn *net.TCPConn, most int)

// attack makes a script a whole connection, which ctx ends.
func attack(s script) func(ctx context.Context, addr string, most int) error {
	return func(ctx context.Context, addr string, most int) error {
		conn, err := dial(ctx, addr)
		if conn == nil {
			return err
		}
		defer conn.Close()
		stop := context.AfterFunc(ctx, func() { conn.Close() })
		defer stop()
		s(ctx, conn, most)
		return nil
	}
}

// wsaRefused is Windows' "connection refused", which package syscall leaves out.
const wsaRefused = syscall.Errno(10061)

// dial returns nil and nil when it was the server, or ctx, that prevented it.
func dial(ctx context.Context, addr string) (*net.TCPConn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err == nil {
		return conn.(*net.TCPConn), nil
	}
	for _, answer := range []error{syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.ETIMEDOUT, wsaRefused} {
		if ctx.Err() != nil || errors.Is(err, answer) {
			return nil, nil
		}
	}
	return nil, err
}

// say is the script of a peer that says b, and then has said all.
func say(b []byte) script {
	return func(_ context.Context, conn *net.TCPConn, _ int) {
		conn.Write(b)
		leave(conn)
	}
}

// patience is how long a server may take to answer what should end a connection.
const patience = time.Second

// leave says goodbye and listens until the server has done so too. A peer that
// just closed, with the server's bytes unread, would send RST, and with it the
// server's kernel may drop the very bytes that were to do the harm.
func leave(conn *net.TCPConn) {
	timer := time.AfterFunc(patience, func() { conn.Close() })
	defer timer.Stop()
	conn.CloseWrite()
	hold(conn)
}

// hold stays, and says nothing, until the server closes or ctx ends.
func hold(conn *net.TCPConn) { io.Copy(io.Discard, conn) }
