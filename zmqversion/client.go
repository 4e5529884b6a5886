package zmqversion

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/go-zeromq/zmq4"

	"echolab/echo"
	"echolab/zmqversion/transport"
)

// A Conn asks with one REQ socket that has one connection.
type Conn struct {
	o      echo.Options
	req    zmq4.Socket
	spent  error // why no further Echo is possible
	closed atomic.Bool
}

// Connect opens one connection; see [echo.Connect]. It returns when both sides
// have shaken hands, so a port that accepts and stays silent is no server.
//
// NOTE: a Conn reads only during Echo, so a server's PING waits for the next one.
func Connect(ctx context.Context, addr string, o echo.Options) (*Conn, error) {
	o = o.WithDefaults()
	req := zmq4.NewReq(context.Background(), zmq4.WithDialerMaxRetries(0))
	stop := context.AfterFunc(ctx, func() { req.Close() })
	err := transport.New(zmq4.Req, o).At(addr, req.Dial)
	if !stop() {
		err = ctx.Err() // req is closed, or about to be
	}
	if err != nil {
		req.Close()
		return nil, fmt.Errorf("%w: %w", echo.ErrNoServer, err)
	}
	return &Conn{o: o, req: req}, nil
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
	c.req.Close()
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

// exchange sends, then receives. sent reports whether any byte of msg was written.
func (c *Conn) exchange(ctx context.Context, msg []byte) (reply []byte, sent bool, err error) {
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	stop := context.AfterFunc(ctx, func() { c.req.Close() })
	if err = c.req.Send(zmq4.NewMsg(msg)); err != nil {
		stop()
		var gone *transport.Gone
		return nil, errors.As(err, &gone) && gone.Sent, err
	}
	got, err := c.req.Recv()
	if !stop() && err == nil {
		err = ctx.Err() // req is closed, or about to be
	}
	if err != nil {
		return nil, true, err
	}
	return got.Frames[0], true, nil // the guard leaves one
}

// Close ends the connection, and a blocked Echo with echo.ErrClosed.
func (c *Conn) Close() error {
	if c.closed.Swap(true) {
		return nil
	}
	return c.req.Close()
}

// causeOf is ctx's error where that is why err came, else what the guard saw.
func causeOf(ctx context.Context, err error) error {
	var gone *transport.Gone
	if errors.As(err, &gone) {
		err = gone.Cause
	}
	if ctxErr := ctx.Err(); ctxErr != nil && !errors.Is(err, echo.ErrMalformed) {
		return ctxErr
	}
	return err
}
