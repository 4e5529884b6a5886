package suite_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/echo/suite"
)

// A behaviour is what a server does with one connection after the handshake.
type behaviour func(o echo.Options, p *suite.Peer)

// plain answers each message by the handler, and knows no limits.
func plain(o echo.Options, p *suite.Peer) {
	for {
		msg, err := p.Recv()
		if err != nil || p.Send(o.Handler(msg)) != nil {
			return
		}
	}
}

// A server is a scripted one in the shape of the contract.
type server struct{ ref *suite.Reference }

func (s server) Addr() net.Addr {
	addr, _ := net.ResolveTCPAddr("tcp", s.ref.Addr())
	return addr
}

func (s server) Serve(ctx context.Context) error {
	<-ctx.Done()
	s.ref.Stop()
	return nil
}

func listen(wire echo.Wire, b behaviour) func(string, echo.Options) (echo.Server, error) {
	return listenScript(wire, func(_ int, o echo.Options, p *suite.Peer) { b(o, p) })
}

// listenScript is listen for a server that counts its connections.
func listenScript(wire echo.Wire, script func(n int, o echo.Options, p *suite.Peer)) func(string, echo.Options) (echo.Server, error) {
	return func(addr string, o echo.Options) (echo.Server, error) {
		o = o.WithDefaults()
		ref, err := suite.StartReference(addr, wire, func(n int, p *suite.Peer) { script(n, o, p) })
		if err != nil {
			return nil, err
		}
		return server{ref}, nil
	}
}

// serving is a rig with a server that behaves like b.
func serving(b behaviour) func(*testing.T, echo.Wire) *suite.Rig {
	return func(_ *testing.T, wire echo.Wire) *suite.Rig {
		return &suite.Rig{Wire: wire, Listen: listen(wire, b)}
	}
}

// A conn is a plain client: it keeps the contract, but believes what servers say.
type conn struct {
	*suite.Peer
	o      echo.Options
	spent  error
	closed atomic.Bool
}

func connect(wire echo.Wire) echo.Connect {
	return func(ctx context.Context, addr string, o echo.Options) (echo.Conn, error) {
		p, err := suite.Dial(ctx, wire, addr)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", echo.ErrNoServer, causeOf(ctx, err))
		}
		p.SetDeadline(time.Time{})
		return &conn{Peer: p, o: o.WithDefaults()}, nil
	}
}

func (c *conn) Echo(ctx context.Context, msg []byte) ([]byte, error) {
	if err := c.o.CheckSize(msg); err != nil {
		return nil, err
	}
	switch {
	case c.closed.Load():
		return nil, echo.ErrClosed
	case c.Waiting() > 0:
		c.spent = fmt.Errorf("%w: a second reply", echo.ErrMalformed)
	case c.spent == nil:
		c.spent = ctx.Err()
	}
	if c.spent != nil {
		return nil, fmt.Errorf("%w: %w", echo.ErrNoServer, c.spent)
	}
	stop := context.AfterFunc(ctx, func() { c.SetDeadline(time.Unix(1, 0)) })
	reply, err := c.exchange(msg)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	switch {
	case err == nil:
		return reply, nil
	case c.closed.Load():
		return nil, echo.ErrClosed
	}
	c.spent = causeOf(ctx, err)
	return nil, fmt.Errorf("%w: %w", echo.ErrNoReply, c.spent)
}

// causeOf is ctx's error where ctx's deadline, or its end, is what ended a call.
func causeOf(ctx context.Context, err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		<-ctx.Done() // the same moment, by another timer
		return ctx.Err()
	}
	return err
}

func (c *conn) exchange(msg []byte) ([]byte, error) {
	if err := c.Send(msg); err != nil {
		return nil, err
	}
	return c.Recv()
}

func (c *conn) Close() error {
	if c.closed.Swap(true) {
		return nil
	}
	return c.Peer.Close()
}

// What the broken subjects are made of is not broken itself: but for what it
// believes, the plain client passes, and so does the plain server.
func TestPlainPasses(t *testing.T) {
	rig := &suite.Rig{Wire: echo.Framed, Listen: listen(echo.Framed, plain), Connect: connect(echo.Framed)}
	for _, check := range checks() {
		switch believes := strings.Contains(check.Name, "malformed"); {
		case believes, check.Left(rig) != "", check.Name == "client/itself": // which takes long, and is net's
			continue
		case check.Subject == suite.Server && check.Name != "server/fidelity" && check.Name != "server/end":
			continue
		}
		t.Run(check.Name, func(t *testing.T) {
			result := suite.Run(t.Context(), check, rig)
			require.False(t, result.Failed, result.Log)
		})
	}
}
