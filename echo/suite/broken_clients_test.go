package suite_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"echolab/echo"
	"echolab/echo/suite"
)

// An exchange replaces the Echo of a plain client.
type exchange func(c *conn, ctx context.Context, msg []byte) ([]byte, error)

// A twisted client is a plain one but for its Echo.
type twisted struct {
	*conn
	echo exchange
}

func (c twisted) Echo(ctx context.Context, msg []byte) ([]byte, error) {
	return c.echo(c.conn, ctx, msg)
}

// twist is a plain Connect of clients that echo by f.
func twist(wire echo.Wire, f exchange) echo.Connect {
	return func(ctx context.Context, addr string, o echo.Options) (echo.Conn, error) {
		c, err := connect(wire)(ctx, addr, o)
		if err != nil {
			return nil, err
		}
		return twisted{c.(*conn), f}, nil
	}
}

func (f exchange) rig(_ *testing.T, wire echo.Wire) *suite.Rig {
	return &suite.Rig{Wire: wire, Connect: twist(wire, f)}
}

// plainClient is no mistake yet: it believes what servers say.
func plainClient(_ *testing.T, wire echo.Wire) *suite.Rig {
	return &suite.Rig{Wire: wire, Connect: connect(wire)}
}

// brokenClients hold a connection, and the conversation on it, wrong.
func brokenClients() []broken {
	return []broken{
		{check: "client/fidelity", mistake: "a length of 16 bits", says: "got 0 bytes", rig: exchange(shortLength).rig},
		{check: "client/order", mistake: "one connection, and whoever reads first", says: "echo of", rig: shared},
		{check: "client/sliced", mistake: "one read is one reply", says: `got \d+ bytes`, rig: exchange(readsOnce).rig},
		{check: "client/ownership", mistake: "one buffer for all replies", says: "after a second Echo", rig: oneBuffer},
		{
			check: "client/ownership", mistake: "the reply lies in the request", says: "after a second Echo",
			rig: exchange(intoRequest).rig,
		},
		{check: "client/ownership", mistake: "masked in place, as WebSocket does", says: "want 100 bytes", rig: exchange(masks).rig},
		{check: "client/too-large", mistake: "let the server judge", says: `"message too large" in chain but got nil`, rig: noLimit},
		{check: "client/too-large", mistake: "refused, and spent", says: `"after, message 0"`, rig: exchange(spendsOnSize).rig},
		{check: "client/deadline", mistake: "a timeout of its own", says: "is not less than", rig: exchange(halfASecond).rig},
		{check: "client/deadline", mistake: "after a timeout it goes on", says: "the connection is spent", rig: exchange(goesOn).rig},
		{
			check: "client/cancelled", mistake: "the context is looked at afterwards", says: `"EOF" in chain but got nil`,
			rig: exchange(sendsAnyway).rig,
		},
		{check: "client/close", mistake: "Close waits for Echo", says: "Echo was still blocked", hangs: true, rig: closesLater},
		{check: "client/close", mistake: "a second Close is an error", says: "already closed", rig: closesOnce},
		{check: "client/close", mistake: "the system's words", says: `expected: "closed"`, rig: exchange(unlabelled).rig},
		{check: "client/close", mistake: "a goroutine is left", says: "goroutines ", rig: leavesWatcher},
	}
}

func shortLength(c *conn, ctx context.Context, msg []byte) ([]byte, error) {
	reply, err := c.Echo(ctx, msg)
	return reply[:len(reply)&0xffff], err
}

// shared gives everybody one connection. Its lock keeps bytes apart, not replies.
func shared(t *testing.T, wire echo.Wire) *suite.Rig {
	var mu sync.Mutex
	var one *conn
	rig := exchange(func(_ *conn, _ context.Context, msg []byte) ([]byte, error) {
		mu.Lock()
		err := one.Send(msg)
		mu.Unlock()
		if err != nil {
			return nil, err
		}
		mu.Lock()
		defer mu.Unlock()
		return one.Recv()
	}).rig(t, wire)
	open := rig.Connect
	rig.Connect = func(ctx context.Context, addr string, o echo.Options) (echo.Conn, error) {
		c, err := open(ctx, addr, o)
		mu.Lock()
		defer mu.Unlock()
		if err == nil && one == nil {
			one = c.(twisted).conn
		}
		return c, err
	}
	return rig
}

func readsOnce(c *conn, _ context.Context, msg []byte) ([]byte, error) {
	if err := c.Send(msg); err != nil {
		return nil, err
	}
	buf := make([]byte, 2<<20)
	n, err := c.Read(buf)
	return buf[min(4, n):n], err
}

func oneBuffer(t *testing.T, wire echo.Wire) *suite.Rig {
	buf := make([]byte, 2<<20)
	return exchange(func(c *conn, ctx context.Context, msg []byte) ([]byte, error) {
		reply, err := c.Echo(ctx, msg)
		return buf[:copy(buf, reply)], err
	}).rig(t, wire)
}

func intoRequest(c *conn, ctx context.Context, msg []byte) ([]byte, error) {
	reply, err := c.Echo(ctx, msg)
	return msg[:copy(msg, reply)], err
}

func masks(c *conn, ctx context.Context, msg []byte) ([]byte, error) {
	reply, err := c.Echo(ctx, msg)
	for i := range msg {
		msg[i] ^= 0x5a
	}
	return reply, err
}

func noLimit(_ *testing.T, wire echo.Wire) *suite.Rig {
	return &suite.Rig{Wire: wire, Connect: func(ctx context.Context, addr string, o echo.Options) (echo.Conn, error) {
		o.MaxMessage = 64 << 20
		return connect(wire)(ctx, addr, o)
	}}
}

func spendsOnSize(c *conn, ctx context.Context, msg []byte) ([]byte, error) {
	reply, err := c.Echo(ctx, msg)
	if err != nil {
		c.Close()
	}
	return reply, err
}

func halfASecond(c *conn, ctx context.Context, msg []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second/2)
	defer cancel()
	return c.Echo(ctx, msg)
}

// goesOn reads the late reply as the next one.
func goesOn(c *conn, ctx context.Context, msg []byte) ([]byte, error) {
	c.spent = nil
	c.SetDeadline(time.Time{})
	return c.Echo(ctx, msg)
}

func sendsAnyway(c *conn, ctx context.Context, msg []byte) ([]byte, error) {
	if ctx.Err() == nil {
		return c.Echo(ctx, msg)
	}
	c.Send(msg)
	return nil, fmt.Errorf("%w: %w", echo.ErrNoServer, ctx.Err())
}

// unlabelled keeps an error's words, and nothing that errors.Is could find.
func unlabelled(c *conn, ctx context.Context, msg []byte) ([]byte, error) {
	reply, err := c.Echo(ctx, msg)
	if err != nil {
		err = errors.New(err.Error())
	}
	return reply, err
}

// A closer replaces the Close of a plain client.
type closer struct {
	*conn
	close func() error
}

func (c closer) Close() error { return c.close() }

// closing makes each Connect's Close another one.
func closing(wire echo.Wire, other func(c *conn) func() error) *suite.Rig {
	return &suite.Rig{Wire: wire, Connect: func(ctx context.Context, addr string, o echo.Options) (echo.Conn, error) {
		c, err := connect(wire)(ctx, addr, o)
		if err != nil {
			return nil, err
		}
		return closer{c.(*conn), other(c.(*conn))}, nil
	}}
}

// closesLater leaves the closing to an Echo that is not there, or never ends.
func closesLater(t *testing.T, wire echo.Wire) *suite.Rig {
	return closing(wire, func(c *conn) func() error {
		t.Cleanup(func() { c.Close() })
		return func() error { return nil }
	})
}

func closesOnce(_ *testing.T, wire echo.Wire) *suite.Rig {
	return closing(wire, func(c *conn) func() error {
		return func() error {
			if c.closed.Swap(true) {
				return errors.New("already closed")
			}
			return c.Peer.Close()
		}
	})
}

func leavesWatcher(t *testing.T, wire echo.Wire) *suite.Rig {
	return closing(wire, func(c *conn) func() error {
		go func() { <-t.Context().Done() }()
		return c.Close
	})
}
