package zmqversion_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/zmqversion"
)

// held is a server whose handler says that it has begun, and returns when told to.
func held(t *testing.T) (addr string, enter, leave chan struct{}) {
	enter, leave = make(chan struct{}), make(chan struct{})
	return serve(t, echo.Options{Handler: func(b []byte) []byte {
		enter <- struct{}{}
		<-leave
		return b
	}}), enter, leave
}

func TestEchoEnds(t *testing.T) {
	t.Run("with its context", func(t *testing.T) {
		addr, enter, leave := held(t)
		conn := connect(t, addr, echo.Options{})
		ctx, cancel := context.WithCancel(context.Background())
		go func() {
			<-enter
			cancel()
		}()
		_, err := conn.Echo(ctx, []byte("a"))
		require.ErrorIs(t, err, echo.ErrNoReply)
		require.ErrorIs(t, err, context.Canceled)
		leave <- struct{}{}
		_, err = conn.Echo(t.Context(), []byte("b"))
		require.ErrorIs(t, err, echo.ErrNoServer, "spent: the late reply answers nothing")
	})
	t.Run("before it began", func(t *testing.T) {
		conn := connect(t, serve(t, echo.Options{}), echo.Options{})
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := conn.Echo(ctx, []byte("a"))
		require.ErrorIs(t, err, echo.ErrNoServer)
		require.ErrorIs(t, err, context.Canceled)
	})
	t.Run("at Close", func(t *testing.T) {
		addr, enter, leave := held(t)
		conn := connect(t, addr, echo.Options{})
		go func() {
			<-enter
			conn.Close()
			leave <- struct{}{}
		}()
		_, err := conn.Echo(t.Context(), []byte("a"))
		require.ErrorIs(t, err, echo.ErrClosed)
	})
}

// A handler that runs at the end returns, and its reply still arrives; a request
// behind it does not begin.
func TestServeEnds(t *testing.T) {
	enter, leave := make(chan struct{}), make(chan struct{})
	var calls int // on one goroutine, and read after it
	before := taken()
	server, err := zmqversion.Listen("127.0.0.1:0", echo.Options{Handler: func(b []byte) []byte {
		calls++
		enter <- struct{}{}
		<-leave
		return b
	}})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx) }()

	const others = 40 // more than zmq4's queue holds
	results := make(chan error, 1+others)
	ask := func() {
		conn, err := zmqversion.Connect(context.Background(), server.Addr().String(), echo.Options{})
		if err == nil {
			_, err = conn.Echo(context.Background(), []byte("a"))
			conn.Close()
		}
		results <- err
	}
	go ask()
	<-enter
	for range others {
		go ask()
	}
	cancel()
	for {
		conn, err := net.Dial("tcp", server.Addr().String())
		if err != nil {
			break // it accepts no more
		}
		conn.Close()
	}
	close(leave)
	require.NoError(t, <-served)
	require.Equal(t, 1, calls)
	var answered int
	for range 1 + others {
		if err := <-results; err == nil {
			answered++
		}
	}
	require.Equal(t, 1, answered)
	settles(t, before)
}

func TestServeWithEndedContext(t *testing.T) {
	before := taken()
	server, err := zmqversion.Listen("127.0.0.1:0", echo.Options{})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.NoError(t, server.Serve(ctx))
	_, err = zmqversion.Listen("256.0.0.1:0", echo.Options{})
	require.Error(t, err)
	settles(t, before)
}

// At the end, a reply that is being read arrives, and an unread one has Grace.
func TestGrace(t *testing.T) {
	const size = 16 << 20
	for reads, grace := range map[bool]time.Duration{true: 10 * time.Second, false: 300 * time.Millisecond} {
		t.Run(fmt.Sprint("reads=", reads), func(t *testing.T) {
			before := taken()
			begun := make(chan struct{})
			server, err := zmqversion.Listen("127.0.0.1:0", echo.Options{
				MaxMessage: size, Grace: grace,
				Handler: func([]byte) []byte {
					close(begun)
					return make([]byte, size)
				},
			})
			require.NoError(t, err)
			ctx, stop := context.WithCancel(context.Background())
			served := make(chan error, 1)
			go func() { served <- server.Serve(ctx) }()
			peer := ask(t, server.Addr().String(), "\x01\x00\x00\x01a")
			<-begun
			stop()
			if reads {
				n, err := io.Copy(io.Discard, peer)
				require.NoError(t, err)
				require.Equal(t, int64(2+9+size), n)
			}
			told := time.Now()
			require.NoError(t, <-served)
			require.Less(t, time.Since(told), 5*time.Second, "not MessageTimeout, which is 10 s")
			peer.Close()
			settles(t, before)
		})
	}
}
