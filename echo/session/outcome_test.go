package session_test

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/echo/session"
)

func TestOutcome(t *testing.T) {
	type is []error
	for _, c := range []struct {
		name   string
		a, b   mode
		o      session.Options
		want   string
		is     is
		isNot  is
		at     time.Duration
		events int // dials and messages; -1: as many as there was time for
	}{
		{
			"nobody there", down, down,
			session.Options{},
			"no server: context deadline exceeded: last tried b:1: connection refused",
			is{echo.ErrNoServer, context.DeadlineExceeded, syscall.ECONNREFUSED},
			is{echo.ErrNoReply},
			time.Second, -1,
		},
		{
			"refused, then cut short by the deadline: the refusal is the reason", down, stuck,
			session.Options{AttemptTimeout: time.Minute},
			"no server: context deadline exceeded: last tried a:1: connection refused",
			is{echo.ErrNoServer, context.DeadlineExceeded, syscall.ECONNREFUSED},
			is{echo.ErrNoReply},
			time.Second, 2,
		},
		{
			"written once, then nobody there", cut, down,
			session.Options{},
			"no reply: context deadline exceeded: last tried b:1: connection refused",
			is{echo.ErrNoReply, context.DeadlineExceeded, syscall.ECONNREFUSED},
			is{echo.ErrNoServer},
			time.Second, -1,
		},
		{
			"cut before the first byte", unsent, down,
			session.Options{},
			"no server: context deadline exceeded: last tried b:1: connection refused",
			is{echo.ErrNoServer},
			is{echo.ErrNoReply},
			time.Second, -1,
		},
		{
			"at most once", cut, up,
			session.Options{AtMostOnce: true},
			"no reply: a:1: connection reset by peer",
			is{echo.ErrNoReply, syscall.ECONNRESET},
			is{echo.ErrNoServer, context.DeadlineExceeded},
			0, 2,
		},
		{
			"at most once, silent: the timeout is not ctx's", mute, up,
			session.Options{AtMostOnce: true, ReplyTimeout: time.Millisecond},
			"no reply: a:1: context deadline exceeded",
			is{echo.ErrNoReply},
			is{context.DeadlineExceeded},
			time.Millisecond, 2,
		},
		{
			"a malformed reply is final", garbage, up,
			session.Options{},
			"no reply: a:1: malformed: 4 GiB announced",
			is{echo.ErrNoReply, echo.ErrMalformed},
			is{context.DeadlineExceeded},
			0, 2,
		},
		{
			"a malformed handshake is not", foreign, foreign,
			session.Options{},
			"no server: context deadline exceeded: last tried b:1: malformed: no greeting",
			is{echo.ErrNoServer, echo.ErrMalformed, context.DeadlineExceeded},
			is{echo.ErrNoReply},
			time.Second, -1,
		},
		{
			"too large for the session: nothing is tried", up, up,
			session.Options{Echo: echo.Options{MaxMessage: 1}},
			"message too large: 2 bytes, the limit is 1",
			is{echo.ErrTooLarge},
			is{echo.ErrNoServer},
			0, 0,
		},
		{
			"too large for the connection", narrow, up,
			session.Options{},
			"message too large",
			is{echo.ErrTooLarge},
			is{echo.ErrNoServer},
			0, 2,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, n *network) {
				n.set("a:1", c.a)
				n.set("b:1", c.b)
				s := n.dial(c.o, "a:1", "b:1")
				err := within(t, s, time.Second, "xy")
				require.EqualError(t, err, c.want)
				for _, target := range c.is {
					require.ErrorIs(t, err, target)
				}
				for _, target := range c.isNot {
					require.NotErrorIs(t, err, target)
				}
				require.Equal(t, c.at, time.Since(n.start))
				if c.events >= 0 {
					require.Len(t, n.took(), c.events)
				}
			})
		})
	}
}

func TestCauseCanBeTakenOut(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.set("a:1", down)
		err := within(t, n.dial(session.Options{}, "a:1"), time.Second, "x")
		errno, ok := errors.AsType[syscall.Errno](err)
		require.True(t, ok)
		require.Equal(t, syscall.ECONNREFUSED, errno)
	})
}

func TestTooLargeKeepsTheConnection(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		s := n.dial(session.Options{}, "a:1")
		n.set("a:1", narrow)
		require.ErrorIs(t, within(t, s, time.Second, "wide"), echo.ErrTooLarge)
		n.set("a:1", up)
		ask(t, s, "x")
		require.Equal(t, []string{"0s a:1 dial", "0s a:1 wide", "0s a:1 x"}, n.took())
	})
}

func TestMalformedReplyEndsItsConnection(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.set("a:1", garbage)
		s := n.dial(session.Options{}, "a:1")
		require.ErrorIs(t, within(t, s, time.Second, "0"), echo.ErrMalformed)
		n.set("a:1", up)
		ask(t, s, "1")
		require.Equal(t, []string{"0s a:1 dial", "0s a:1 0", "50ms a:1 dial", "50ms a:1 1"}, n.took())
	})
}

func TestNothingIsTriedForACallerWhoLeft(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		s := n.dial(session.Options{}, "a:1")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range 100 { // select picks at random among what is ready
			_, err := s.Echo(ctx, []byte("x"))
			require.ErrorIs(t, err, echo.ErrNoServer)
			require.ErrorIs(t, err, context.Canceled)
		}
		require.Empty(t, n.took())
	})
}
