package session_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/echo/session"
)

func TestAttemptTimeout(t *testing.T) {
	for _, c := range []struct{ set, want time.Duration }{
		{0, time.Second},
		{300 * time.Millisecond, 300 * time.Millisecond},
	} {
		inBubble(t, func(t *testing.T, n *network) {
			n.set("a:1", stuck)
			s := n.dial(session.Options{AttemptTimeout: c.set}, "a:1", "b:1")
			ask(t, s, "x")
			require.Equal(t, c.want, time.Since(n.start))
		})
	}
}

func TestAttemptTimeoutDoesNotBoundTheReply(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.set("a:1", mute)
		s := n.dial(session.Options{}, "a:1")
		require.ErrorIs(t, within(t, s, time.Hour, "x"), echo.ErrNoReply)
		require.Equal(t, []string{"0s a:1 dial", "0s a:1 x"}, n.took()) // silence is no loss
		require.Equal(t, time.Hour, time.Since(n.start))
	})
}

func TestBackoffDoublesUpToTwoSecondsAndStartsAgainAfterAReply(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.set("a:1", down)
		s := n.dial(session.Options{}, "a:1")
		var limits []time.Duration
		s.SetJitter(func(limit time.Duration) time.Duration {
			limits = append(limits, limit/time.Millisecond)
			return limit
		})
		require.ErrorIs(t, within(t, s, time.Hour, "x"), echo.ErrNoServer)
		require.Equal(t, []time.Duration{50, 100, 200, 400, 800, 1600, 2000, 2000}, limits[:8])
		require.EqualValues(t, 2000, limits[len(limits)-1]) // 1,800 failures on, nothing has overflowed

		n.set("a:1", up)
		ask(t, s, "x")
		n.restart("a:1", down)
		limits = nil
		require.ErrorIs(t, within(t, s, time.Second, "x"), echo.ErrNoReply)
		require.EqualValues(t, 50, limits[0])
	})
}

func TestJitterIsFull(t *testing.T) {
	const limit = 100 * time.Millisecond
	quarters := map[time.Duration]int{}
	for range 1000 {
		quarters[session.Full(limit)*4/limit]++
	}
	require.Len(t, quarters, 4) // all four, none beyond: each is missed once in 10^125 runs
	require.NotContains(t, quarters, time.Duration(4))
}

func TestSendsAgainUntilThereIsAReply(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.set("a:1", cut)
		n.set("b:1", cut)
		s := n.dial(session.Options{}, "a:1", "b:1")
		time.AfterFunc(60*time.Millisecond, func() { n.set("b:1", up) })
		ask(t, s, "x")
		require.Equal(t, []string{
			"0s a:1 dial", "0s a:1 x", "0s b:1 dial", "0s b:1 x",
			"50ms a:1 dial", "50ms a:1 x", "50ms b:1 dial", "50ms b:1 x",
			"150ms a:1 dial", "150ms a:1 x", "150ms b:1 dial", "150ms b:1 x",
		}, n.took())
	})
}

func TestAtMostOnce(t *testing.T) {
	for _, c := range []struct {
		first mode
		want  error
		took  []string
	}{
		{down, nil, []string{"0s a:1 dial", "0s b:1 dial", "0s b:1 x"}},
		{unsent, nil, []string{"0s a:1 dial", "0s a:1 x", "0s b:1 dial", "0s b:1 x"}},
		{cut, echo.ErrNoReply, []string{"0s a:1 dial", "0s a:1 x"}},
		{mute, echo.ErrNoReply, []string{"0s a:1 dial", "0s a:1 x"}},
	} {
		t.Run(string(c.first), func(t *testing.T) {
			inBubble(t, func(t *testing.T, n *network) {
				n.set("a:1", c.first)
				s := n.dial(session.Options{AtMostOnce: true, ReplyTimeout: time.Second}, "a:1", "b:1")
				require.ErrorIs(t, within(t, s, time.Minute, "x"), c.want)
				require.Equal(t, c.took, n.took())
			})
		})
	}
}

func TestSilenceIsALossAfterReplyTimeout(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.set("a:1", mute)
		s := n.dial(session.Options{ReplyTimeout: 300 * time.Millisecond}, "a:1", "b:1")
		ask(t, s, "x")
		require.Equal(t, []string{
			"0s a:1 dial", "0s a:1 x", "300ms b:1 dial", "300ms b:1 x",
		}, n.took())
	})
}

func TestServerRestartedWhileIdle(t *testing.T) {
	t.Run("is met by a new connection at once", func(t *testing.T) {
		inBubble(t, func(t *testing.T, n *network) {
			s := n.dial(session.Options{}, "a:1")
			ask(t, s, "0")
			n.restart("a:1", up)
			ask(t, s, "1")
			require.Equal(t, []string{
				"0s a:1 dial", "0s a:1 0", "0s a:1 1", "0s a:1 dial", "0s a:1 1",
			}, n.took())
		})
	})
	t.Run("is not held against its endpoint", func(t *testing.T) {
		inBubble(t, func(t *testing.T, n *network) {
			s := n.dial(session.Options{}, "a:1", "b:1")
			ask(t, s, "0")
			ask(t, s, "1")
			n.restart("a:1", up)
			n.took()
			ask(t, s, "2")
			ask(t, s, "3")
			require.Equal(t, []string{"0s a:1 2", "0s b:1 2", "0s a:1 dial", "0s a:1 3"}, n.took())
		})
	})
	t.Run("as a server that fails: backs off", func(t *testing.T) {
		inBubble(t, func(t *testing.T, n *network) {
			s := n.dial(session.Options{}, "a:1")
			ask(t, s, "0")
			n.restart("a:1", cut)
			n.took()
			require.ErrorIs(t, within(t, s, 80*time.Millisecond, "1"), echo.ErrNoReply)
			require.Equal(t, []string{
				"0s a:1 1", "0s a:1 dial", "0s a:1 1", "50ms a:1 dial", "50ms a:1 1",
			}, n.took())
		})
	})
}

func TestCallerWhoGivesUpIsNotHeldAgainstTheServer(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.set("a:1", mute)
		s := n.dial(session.Options{}, "a:1")
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := s.Echo(ctx, []byte("0"))
		require.ErrorIs(t, err, context.Canceled)
		n.set("a:1", up)
		ask(t, s, "1")
		require.Equal(t, []string{"0s a:1 dial", "0s a:1 0", "1s a:1 dial", "1s a:1 1"}, n.took())
	})
}
