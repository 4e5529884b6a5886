package rawsocket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"

	"echolab/echo"
	"echolab/echo/frame"
)

// A Conn is one connection, used as in: connect, write, read, close.
type Conn struct {
	o      echo.Options
	conn   *net.TCPConn
	in     *frame.Reader
	head   []byte // the header of the request, and a small request behind it
	spent  error  // why no further Echo is possible
	closed atomic.Bool
}

// Connect opens one TCP connection; see [echo.Connect]. It returns when the
// kernel of the server has accepted, which is before the server has.
func Connect(ctx context.Context, addr string, o echo.Options) (*Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", echo.ErrNoServer, causeOf(ctx, err))
	}
	o = o.WithDefaults()
	return &Conn{o: o, conn: conn.(*net.TCPConn), in: frame.NewReader(conn, o.MaxMessage)}, nil
}

// Echo sends msg and returns the reply; see [echo.Conn].
func (c *Conn) Echo(ctx context.Context, msg []byte) ([]byte, error) {
	if err := c.o.CheckSize(msg); err != nil {
		return nil, err
	}
	if c.closed.Load() {
		return nil, echo.ErrClosed
	}
	if c.spent != nil {
		return nil, fmt.Errorf("%w: the connection is spent: %w", echo.ErrNoServer, c.spent)
	}
	reply, sent, err := c.exchange(ctx, msg)
	if err == nil {
		return reply, nil
	}
	c.spent = causeOf(ctx, err)
	switch {
	case c.closed.Load():
		return nil, echo.ErrClosed
	case sent:
		return nil, fmt.Errorf("%w: %w", echo.ErrNoReply, c.spent)
	default:
		return nil, fmt.Errorf("%w: %w", echo.ErrNoServer, c.spent)
	}
}

// exchange writes, then reads. sent reports whether any byte of msg was written.
func (c *Conn) exchange(ctx context.Context, msg []byte) (reply []byte, sent bool, err error) {
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	if c.in.Ready() || c.in.Partial() {
		return nil, false, fmt.Errorf("%w: the server sent more than one reply", echo.ErrMalformed)
	}
	stop := context.AfterFunc(ctx, func() { c.conn.SetDeadline(past) })
	sent, err = c.send(msg)
	if err == nil {
		reply, err = c.in.Next()
		reply = bytes.Clone(reply) // the reader's buffer is lent, the reply is given
	}
	if !stop() && err == nil {
		return nil, sent, ctx.Err() // the deadline is set, or about to be
	}
	return reply, sent, err
}

// send writes the frame by one write(2), or by one writev(2) where copying msg
// behind its header would cost more.
func (c *Conn) send(msg []byte) (sent bool, err error) {
	c.head = frame.AppendHeader(c.head[:0], len(msg))
	if len(msg) <= copied {
		c.head = append(c.head, msg...)
		n, err := c.conn.Write(c.head)
		return n > 0, err
	}
	vector := net.Buffers{c.head, msg}
	n, err := vector.WriteTo(c.conn)
	return n > 0, err
}

// Close ends the connection, and a blocked Echo with echo.ErrClosed.
func (c *Conn) Close() error {
	if c.closed.Swap(true) {
		return nil
	}
	return c.conn.Close()
}

// causeOf is ctx's error where that is why err came: a deadline in the past is
// how ctx ends a Read, and nothing that a caller should see.
func causeOf(ctx context.Context, err error) error {
	if ctxErr := ctx.Err(); ctxErr != nil && !errors.Is(err, echo.ErrMalformed) {
		return ctxErr
	}
	return err
}
