package session_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/echo/session"
)

func TestDialDoesNotConnect(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.set("a:1", stuck)
		n.dial(session.Options{}, "a:1")
		synctest.Wait()
		require.Zero(t, time.Since(n.start))
		require.Empty(t, n.took())
	})
}

func TestDialNamesWhatIsWrong(t *testing.T) {
	const right = "; write host:port, for example 127.0.0.1:9000"
	for _, c := range []struct{ addr, want string }{
		{"localhost", `"localhost": no port` + right},
		{"localhost:", `"localhost:": no port` + right},
		{"[::1]", `"[::1]": no port` + right},
		{"", `"": no port` + right},
		{":9000", `":9000": no host` + right},
		{"::1:9000", `"::1:9000": not a host and a port (an IPv6 host stands in brackets)` + right},
		{"tcp://h:9000", `"tcp://h:9000": not a host and a port (an IPv6 host stands in brackets)` + right},
		{"h:0", `"h:0": the port is no number from 1 to 65535` + right},
		{"h:65536", `"h:65536": the port is no number from 1 to 65535` + right},
		{"h:http", `"h:http": the port is no number from 1 to 65535` + right},
		{"h:+80", `"h:+80": the port is no number from 1 to 65535` + right},
	} {
		_, err := session.Dial(nil, []string{"h:1", c.addr}, session.Options{})
		require.EqualError(t, err, c.want)
	}
	_, err := session.Dial(nil, nil, session.Options{})
	require.EqualError(t, err, "no address"+right)
	for _, addr := range []string{"h:1", "h:65535", "127.0.0.1:9000", "[::1]:9000", "[fe80::1%lo]:9000", "nobody.invalid:1"} {
		_, err := session.Dial(nil, []string{addr}, session.Options{})
		require.NoError(t, err)
	}
}

func TestRequestsAreDealtInTurn(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		s := n.dial(session.Options{}, "a:1", "b:1", "c:1")
		for _, msg := range []string{"0", "1", "2", "3", "4"} {
			ask(t, s, msg)
		}
		require.Equal(t, []string{
			"0s a:1 dial", "0s a:1 0",
			"0s b:1 dial", "0s b:1 1",
			"0s c:1 dial", "0s c:1 2",
			"0s a:1 3", "0s b:1 4", // the connections are kept
		}, n.took())
	})
}

func TestFailedEndpointIsPassedOverAndComesBack(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.set("a:1", down)
		s := n.dial(session.Options{}, "a:1", "b:1")
		ask(t, s, "0")
		ask(t, s, "1")
		ask(t, s, "2")
		require.Equal(t, []string{
			"0s a:1 dial", "0s b:1 dial", "0s b:1 0", // at once, with no wait
			"0s b:1 1", "0s b:1 2",
		}, n.took())

		time.Sleep(50 * time.Millisecond)
		n.set("a:1", up)
		ask(t, s, "3")
		ask(t, s, "4")
		require.Equal(t, []string{"50ms a:1 dial", "50ms a:1 3", "50ms b:1 4"}, n.took())
	})
}

func TestClientFirst(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.set("a:1", down)
		s := n.dial(session.Options{}, "a:1")
		time.AfterFunc(time.Hour, func() { n.set("a:1", up) })
		ask(t, s, "patience") // its ctx has no deadline
		require.GreaterOrEqual(t, time.Since(n.start), time.Hour)
		require.Less(t, time.Since(n.start), time.Hour+2*time.Second)
	})
}

func TestWaitsForTheEarliestWhenAllBackOff(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.set("a:1", stuck) // 1 s an attempt, then 50 ms of backoff
		n.set("b:1", down)
		s := n.dial(session.Options{}, "a:1", "b:1")
		require.ErrorIs(t, within(t, s, 1080*time.Millisecond, "x"), echo.ErrNoServer)
		require.Equal(t, []string{"0s a:1 dial", "1s b:1 dial", "1.05s a:1 dial"}, n.took())

		n.set("a:1", down)
		n.set("b:1", up)
		ask(t, s, "y") // the attempt at a that ctx cut short was not held against it
		require.Equal(t, []string{"1.08s b:1 dial", "1.08s b:1 y"}, n.took())
	})
}

func TestSecondCallerWaitsItsTurn(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		n.set("a:1", mute)
		s := n.dial(session.Options{}, "a:1")
		first := make(chan error, 1)
		go func() { first <- within(t, s, time.Second, "first") }()
		synctest.Wait()

		err := within(t, s, 100*time.Millisecond, "impatient")
		require.ErrorIs(t, err, echo.ErrNoServer)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.EqualError(t, err, "no server: behind another Echo: context deadline exceeded")
		require.Equal(t, 100*time.Millisecond, time.Since(n.start))

		second := make(chan error, 1)
		go func() { second <- within(t, s, time.Minute, "second") }()
		synctest.Wait()
		n.set("a:1", up)
		require.ErrorIs(t, <-first, echo.ErrNoReply)
		require.NoError(t, <-second)
		require.Equal(t, []string{"0s a:1 dial", "0s a:1 first", "1s a:1 dial", "1s a:1 second"}, n.took())
	})
}
