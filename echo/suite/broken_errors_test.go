package suite_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"echolab/echo"
	"echolab/echo/suite"
)

// connecting is a rig whose Connect is f of the plain one.
func connecting(f func(open echo.Connect) echo.Connect) func(*testing.T, echo.Wire) *suite.Rig {
	return func(_ *testing.T, wire echo.Wire) *suite.Rig {
		return &suite.Rig{Wire: wire, Connect: f(connect(wire))}
	}
}

// brokenClientErrors are clients that hide, or invent, what became of a request.
func brokenClientErrors() []broken {
	all := []broken{
		{check: "client/refused", mistake: "tries again inside, as zmq4 does", says: "is not less than", waits: true, rig: connecting(triesAgain)},
		{check: "client/refused", mistake: "its own words", says: `expected: "connection refused"`, rig: connecting(ownWords)},
		{check: "client/refused", mistake: "a socket is left", says: "descriptors ", rig: leavesSocket},
		{check: "client/lost", mistake: "every loss is no server", says: `expected: "no reply"`, rig: exchange(neverWritten).rig},
		{check: "client/lost", mistake: "connects again by itself", says: "the connection is spent", rig: exchange(revives).rig},
		{
			check: "client/silent-port", mistake: "a timeout of its own", says: "is not less than",
			rig: exchange(halfASecond).rig,
		},
		{
			check: "client/silent-port", mistake: "Connect has a timeout of its own", says: "is not less than",
			wire: echo.ZMTP, rig: connecting(ownTimeout),
		},
		{
			check: "client/two-replies", mistake: "what was read before the request answers it", says: `got 12 bytes "and one more"`,
			rig: exchange(takesNext).rig,
		},
	}
	for _, check := range checks() {
		if strings.HasPrefix(check.Name, "client/malformed-") {
			all = append(all,
				broken{
					check: check.Name, wire: check.Wires[0], mistake: "an error like any other", says: `expected: "malformed"`,
					hangs: true, rig: plainClient,
				},
				broken{
					check: check.Name, wire: check.Wires[0], mistake: "one word for both directions", says: "what the caller sends",
					rig: exchange(tooLarge).rig,
				})
		}
	}
	return all
}

func triesAgain(open echo.Connect) echo.Connect {
	return func(ctx context.Context, addr string, o echo.Options) (c echo.Conn, err error) {
		for range 6 {
			if c, err = open(ctx, addr, o); err == nil {
				break
			}
			time.Sleep(250 * time.Millisecond)
		}
		return c, err
	}
}

func ownWords(open echo.Connect) echo.Connect {
	return func(ctx context.Context, addr string, o echo.Options) (echo.Conn, error) {
		c, err := open(ctx, addr, o)
		if err != nil {
			err = fmt.Errorf("%w: cannot connect", echo.ErrNoServer)
		}
		return c, err
	}
}

func leavesSocket(t *testing.T, wire echo.Wire) *suite.Rig {
	return connecting(func(open echo.Connect) echo.Connect {
		return func(ctx context.Context, addr string, o echo.Options) (echo.Conn, error) {
			if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
				t.Cleanup(func() { l.Close() })
			}
			return open(ctx, addr, o)
		}
	})(t, wire)
}

func neverWritten(c *conn, ctx context.Context, msg []byte) ([]byte, error) {
	reply, err := c.Echo(ctx, msg)
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("%w: %w", echo.ErrNoServer, c.spent)
	}
	return reply, err
}

// revives keeps the address, and a fresh connection ready.
func revives(c *conn, ctx context.Context, msg []byte) ([]byte, error) {
	reply, err := c.Echo(ctx, msg)
	if err != nil {
		fresh, dialErr := connect(echo.Framed)(ctx, c.RemoteAddr().String(), c.o)
		if dialErr == nil {
			c.Peer.Close()
			c.Peer, c.spent = fresh.(*conn).Peer, nil
		}
	}
	return reply, err
}

func ownTimeout(open echo.Connect) echo.Connect {
	return func(ctx context.Context, addr string, o echo.Options) (echo.Conn, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second/2)
		defer cancel()
		return open(ctx, addr, o)
	}
}

func takesNext(c *conn, _ context.Context, msg []byte) ([]byte, error) { return c.exchange(msg) }

func tooLarge(c *conn, _ context.Context, msg []byte) ([]byte, error) {
	c.Send(msg)
	_, err := c.Read(make([]byte, 1))
	return nil, errors.Join(echo.ErrNoReply, echo.ErrMalformed, echo.ErrTooLarge, err)
}
