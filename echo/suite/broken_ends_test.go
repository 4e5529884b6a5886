package suite_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/echo/suite"
)

// A serve replaces a server's Serve. What it leaves behind ends with t.
type serve func(t *testing.T, s server, o echo.Options, ctx context.Context) error

func (f serve) rig(t *testing.T, wire echo.Wire) *suite.Rig {
	return ending(f, plain)(t, wire)
}

type endingServer struct {
	server
	serve func(ctx context.Context) error
}

func (s endingServer) Serve(ctx context.Context) error { return s.serve(ctx) }

// ending is a rig whose server behaves like b, and ends as f does.
func ending(f serve, b behaviour) func(*testing.T, echo.Wire) *suite.Rig {
	return func(t *testing.T, wire echo.Wire) *suite.Rig {
		return &suite.Rig{Wire: wire, Listen: func(addr string, o echo.Options) (echo.Server, error) {
			s, err := listen(wire, b)(addr, o)
			if err != nil {
				return nil, err
			}
			return endingServer{s.(server), func(ctx context.Context) error { return f(t, s.(server), o, ctx) }}, nil
		}}
	}
}

// brokenEnds are servers that do not know how to stop.
func brokenEnds() []broken {
	return []broken{
		{check: "server/end", mistake: "the port is kept", says: "address already in use", rig: serve(keepsPort).rig},
		{check: "server/end", mistake: "connections are kept", says: "after Serve returned", hangs: true, rig: serve(keepsAll).rig},
		{check: "server/end", mistake: "a goroutine is left", says: "goroutines ", rig: serve(leavesGoroutine).rig},
		{check: "server/end", mistake: "a descriptor is left", says: "descriptors ", rig: serve(leavesDescriptor).rig},
		{check: "server/end", mistake: "being told to stop is an error", says: "context canceled", rig: serve(returnsCtxErr).rig},
		{check: "server/never-served", mistake: "the listener is kept", says: "descriptors ", rig: serve(keepsAll).rig},
		{check: "server/last-reply", mistake: "the stop overtakes the reply", says: "LAST WORDS", rig: dropsLast},
		{
			check: "server/last-reply", mistake: "goes on while clients do", says: "outlives the stop", hangs: true,
			rig: serve(keepsAll).rig,
		},
		{check: "server/grace", mistake: "a Grace of its own", says: "is not less than", waits: true, rig: serve(graceOfItsOwn).rig},
		{check: "server/address-in-use", mistake: "another port, and not a word", says: "address already in use", rig: otherPort},
	}
}

// keepsAll returns and closes nothing.
func keepsAll(t *testing.T, s server, _ echo.Options, ctx context.Context) error {
	t.Cleanup(s.ref.Stop)
	<-ctx.Done()
	return nil
}

// keepsPort closes its connections, and not what it listens on.
func keepsPort(t *testing.T, s server, o echo.Options, ctx context.Context) error {
	if err := s.Serve(ctx); err != nil {
		return err
	}
	l, err := net.Listen("tcp", s.ref.Addr())
	if err == nil {
		t.Cleanup(func() { l.Close() })
	}
	return err
}

func leavesGoroutine(t *testing.T, s server, _ echo.Options, ctx context.Context) error {
	go func() { <-t.Context().Done() }()
	return s.Serve(ctx)
}

func leavesDescriptor(t *testing.T, s server, _ echo.Options, ctx context.Context) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	t.Cleanup(func() { l.Close() })
	return s.Serve(ctx)
}

func returnsCtxErr(_ *testing.T, s server, _ echo.Options, ctx context.Context) error {
	s.Serve(ctx)
	return ctx.Err()
}

func graceOfItsOwn(_ *testing.T, s server, _ echo.Options, ctx context.Context) error {
	<-ctx.Done()
	time.Sleep(1500 * time.Millisecond)
	return s.Serve(ctx)
}

// dropsLast looks at its context between the handler and the reply.
func dropsLast(t *testing.T, wire echo.Wire) *suite.Rig {
	told := make(chan context.Context, 1)
	return ending(func(_ *testing.T, s server, _ echo.Options, ctx context.Context) error {
		told <- ctx
		return s.Serve(ctx)
	}, func(o echo.Options, p *suite.Peer) {
		ctx := <-told
		for {
			msg, err := p.Recv()
			if err != nil {
				return
			}
			reply := o.Handler(msg)
			if ctx.Err() != nil || p.Send(reply) != nil {
				return
			}
		}
	})(t, wire)
}

func otherPort(t *testing.T, wire echo.Wire) *suite.Rig {
	return &suite.Rig{Wire: wire, Listen: func(addr string, o echo.Options) (echo.Server, error) {
		s, err := listen(wire, plain)(addr, o)
		if err == nil {
			return s, nil
		}
		s, err = listen(wire, plain)("127.0.0.1:0", o)
		require.NoError(t, err)
		t.Cleanup(s.(server).ref.Stop) // nobody serves it
		return s, nil
	}}
}
