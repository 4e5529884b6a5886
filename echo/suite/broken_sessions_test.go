package suite_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"echolab/echo"
	"echolab/echo/suite"
)

// brokenSessions stand on a client that breaks a promise; the session itself is
// the real one.
func brokenSessions() []broken {
	return []broken{
		{
			check: "session/client-first", mistake: "the first error is for ever", says: "early, message 0", hangs: true,
			rig: connecting(sticky),
		},
		{check: "session/lost-in-a-request", mistake: "a loss is malformed", says: "echo of", rig: exchange(lossIsMalformed).rig},
		{check: "session/restart-while-idle", mistake: "a pool that lends what is spent", says: "echo of", hangs: true, rig: pool},
		{
			check: "session/at-most-once", mistake: "every loss is no server", says: `"no reply" in chain but got nil`,
			rig: exchange(neverWritten).rig,
		},
		{check: "session/deadline", mistake: "a timeout of its own", says: "is not less than", rig: exchange(halfASecond).rig},
		{check: "session/deadline", mistake: "a pool that lends what is owed a reply", says: `got 4 bytes "late"`, rig: careless},
		{check: "session/no-server", mistake: "its own words", says: `expected: "connection refused"`, rig: connecting(ownWords)},
		{check: "session/no-server", mistake: "no word of no server", says: `expected: "no server"`, rig: connecting(bare)},
		{
			check: "session/malformed", mistake: "an error like any other", says: `expected: "malformed"`, hangs: true,
			rig: exchange(unlabelled).rig,
		},
		{check: "session/close", mistake: "Close closes nothing", says: "descriptors ", rig: closesLater},
		{check: "session/large-after-restart", mistake: "goes on where it was cut off", says: "the reply differs", rig: resumes},
	}
}

// brokenEndpoints take one server for another.
func brokenEndpoints() []broken {
	return []broken{
		{
			check: "session/three-endpoints", mistake: "the first address is the only one", says: `expected: "b"`,
			rig: connecting(firstAddress),
		},
		{
			check: "session/failover", mistake: "tries again inside, as zmq4 does", says: "is not less than", waits: true,
			rig: connecting(triesAgain),
		},
		{check: "session/failover", mistake: "the first error is for ever", says: "deadline exceeded|is not less than", hangs: true, rig: connecting(sticky)},
		{
			check: "session/blackhole", mistake: "deadlines are for others", says: "is not less than", waits: true,
			rig: exchange(fourSeconds).rig,
		},
		{check: "session/patience", mistake: "a timeout of its own", says: `actual  : int64\(2\)`, waits: true, rig: impatient},
		{check: "session/silent-port", mistake: "every loss is no server", says: `expected: "no reply"`, rig: exchange(alwaysNoServer).rig},
	}
}

// brokenPairs fail as server or as client.
func brokenPairs() []broken {
	pair := func(client func(*testing.T, echo.Wire) *suite.Rig, b behaviour) func(*testing.T, echo.Wire) *suite.Rig {
		return func(t *testing.T, wire echo.Wire) *suite.Rig {
			rig := client(t, wire)
			rig.Listen = listen(wire, b)
			return rig
		}
	}
	return []broken{
		{check: "pair/fidelity", mistake: "a length of 16 bits", says: "got 0 bytes", rig: pair(exchange(shortLength).rig, plain)},
		{
			check: "pair/order", mistake: "one variable for the latest client", says: "echo of", hangs: true,
			rig: pair(plainClient, latestClient()),
		},
		{check: "pair/order", mistake: "one connection, and whoever reads first", says: "echo of", rig: pair(shared, plain)},
		{
			check: "pair/restart", mistake: "a pool that lends what is spent", says: "through restarts", hangs: true,
			rig: pair(pool, plain),
		},
	}
}

func sticky(open echo.Connect) echo.Connect {
	var mu sync.Mutex
	var first error
	return func(ctx context.Context, addr string, o echo.Options) (echo.Conn, error) {
		mu.Lock()
		defer mu.Unlock()
		if first != nil {
			return nil, first
		}
		c, err := open(ctx, addr, o)
		first = err
		return c, err
	}
}

func lossIsMalformed(c *conn, ctx context.Context, msg []byte) ([]byte, error) {
	reply, err := c.Echo(ctx, msg)
	if err != nil {
		err = fmt.Errorf("%w: %w: %w", echo.ErrNoReply, echo.ErrMalformed, err)
	}
	return reply, err
}

// pool opens one connection, and lends it again after a Close.
func pool(t *testing.T, wire echo.Wire) *suite.Rig { return pooled(t, wire, (*conn).Echo) }

// careless forgets that the connection is owed a reply.
func careless(t *testing.T, wire echo.Wire) *suite.Rig { return pooled(t, wire, goesOn) }

func pooled(t *testing.T, wire echo.Wire, f exchange) *suite.Rig {
	var mu sync.Mutex
	var one echo.Conn
	rig := closesLater(t, wire)
	open := rig.Connect
	rig.Connect = func(ctx context.Context, addr string, o echo.Options) (echo.Conn, error) {
		mu.Lock()
		defer mu.Unlock()
		if one != nil {
			return one, nil
		}
		c, err := open(ctx, addr, o)
		if err == nil {
			one = lent{c.(closer), f}
		}
		return one, err
	}
	return rig
}

type lent struct {
	closer
	echo exchange
}

func (l lent) Echo(ctx context.Context, msg []byte) ([]byte, error) { return l.echo(l.conn, ctx, msg) }

// bare hands on the system's error alone.
func bare(open echo.Connect) echo.Connect {
	return func(ctx context.Context, addr string, o echo.Options) (echo.Conn, error) {
		c, err := open(ctx, addr, o)
		if err != nil {
			err = fmt.Errorf("%w: %s", errors.Unwrap(errors.Unwrap(err)), err)
		}
		return c, err
	}
}

func resumes(t *testing.T, wire echo.Wire) *suite.Rig {
	var sent atomic.Int64
	return exchange(func(c *conn, ctx context.Context, msg []byte) ([]byte, error) {
		reply, err := c.Echo(ctx, msg[sent.Load():])
		if err != nil {
			sent.Add(1 << 10)
		}
		return reply, err
	}).rig(t, wire)
}

func firstAddress(open echo.Connect) echo.Connect {
	var mu sync.Mutex
	var first string
	return func(ctx context.Context, addr string, o echo.Options) (echo.Conn, error) {
		mu.Lock()
		defer mu.Unlock()
		if first == "" {
			first = addr
		}
		return open(ctx, first, o)
	}
}

func fourSeconds(c *conn, ctx context.Context, msg []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 4*time.Second)
	defer cancel()
	return c.Echo(ctx, msg)
}

// impatient gives its first request 100 ms.
func impatient(t *testing.T, wire echo.Wire) *suite.Rig {
	var asked atomic.Bool
	return exchange(func(c *conn, ctx context.Context, msg []byte) ([]byte, error) {
		if !asked.Swap(true) {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, 100*time.Millisecond)
			defer cancel()
		}
		return c.Echo(ctx, msg)
	}).rig(t, wire)
}

func alwaysNoServer(c *conn, ctx context.Context, msg []byte) ([]byte, error) {
	reply, err := c.Echo(ctx, msg)
	if err != nil {
		err = fmt.Errorf("%w: %w", echo.ErrNoServer, c.spent)
	}
	return reply, err
}
