package session_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/echo/session"
)

func TestCloseEndsABlockedEcho(t *testing.T) {
	for _, m := range []mode{
		mute,  // in the reply
		stuck, // in the handshake
		down,  // in the backoff
	} {
		t.Run(string(m), func(t *testing.T) {
			inBubble(t, func(t *testing.T, n *network) {
				s := n.dial(session.Options{AttemptTimeout: time.Hour}, "b:1", "a:1")
				n.set("a:1", m)
				ask(t, s, "b keeps a connection")
				n.restart("b:1", down)
				results := make(chan error, 2) // one Echo blocked at a, one waiting for its turn
				for range 2 {
					go func() {
						_, err := s.Echo(context.Background(), []byte("x"))
						results <- err
					}()
				}
				time.Sleep(10 * time.Second)
				start := time.Now()
				require.NoError(t, s.Close())
				require.NoError(t, s.Close())
				require.Equal(t, echo.ErrClosed, <-results)
				require.Equal(t, echo.ErrClosed, <-results)
				require.Zero(t, time.Since(start))

				n.took()
				require.Equal(t, echo.ErrClosed, within(t, s, time.Second, "late"))
				require.Empty(t, n.took())
			})
		})
	}
}

// A deaf Conn heeds no ctx in Echo, only its own Close.
type deaf struct {
	closed context.Context
	end    context.CancelFunc
}

func (d deaf) Echo(context.Context, []byte) ([]byte, error) {
	<-d.closed.Done()
	return nil, echo.ErrClosed
}

func (d deaf) Close() error { d.end(); return nil }

func newDeaf() deaf {
	closed, end := context.WithCancel(context.Background())
	return deaf{closed, end}
}

func TestCloseClosesTheConnectionInUse(t *testing.T) {
	inBubble(t, func(t *testing.T, _ *network) {
		conn := newDeaf()
		s, err := session.Dial(func(context.Context, string, echo.Options) (echo.Conn, error) {
			return conn, nil
		}, []string{"a:1"}, session.Options{})
		require.NoError(t, err)
		result := make(chan error, 1)
		go func() { result <- within(t, s, time.Hour, "x") }()
		synctest.Wait()
		require.NoError(t, s.Close())
		require.Equal(t, echo.ErrClosed, <-result)
	})
}

func TestConnectionThatOpensDuringCloseIsClosed(t *testing.T) {
	inBubble(t, func(t *testing.T, _ *network) {
		conn := newDeaf()
		s, err := session.Dial(func(ctx context.Context, _ string, _ echo.Options) (echo.Conn, error) {
			<-ctx.Done() // Close has come, and the connection stands all the same
			return conn, nil
		}, []string{"a:1"}, session.Options{})
		require.NoError(t, err)
		result := make(chan error, 1)
		go func() { result <- within(t, s, time.Hour, "x") }()
		synctest.Wait()
		require.NoError(t, s.Close())
		require.Equal(t, echo.ErrClosed, <-result)
		require.Error(t, conn.closed.Err())
	})
}

func TestCloseFreesWaitersEvenFromAConnectThatHangs(t *testing.T) {
	inBubble(t, func(t *testing.T, _ *network) {
		hang := make(chan struct{})
		s, err := session.Dial(func(context.Context, string, echo.Options) (echo.Conn, error) {
			<-hang // a Connect with a fault: it heeds no ctx
			return nil, echo.ErrNoServer
		}, []string{"a:1"}, session.Options{})
		require.NoError(t, err)
		holder, waiter := make(chan error, 1), make(chan error, 1)
		go func() { holder <- within(t, s, time.Hour, "x") }()
		synctest.Wait()
		go func() { waiter <- within(t, s, time.Hour, "y") }()
		synctest.Wait()
		require.NoError(t, s.Close())
		require.Equal(t, echo.ErrClosed, <-waiter)
		close(hang)
		require.Equal(t, echo.ErrClosed, <-holder)
	})
}

func TestManyCallersEachGetTheirOwnReply(t *testing.T) {
	inBubble(t, func(t *testing.T, n *network) {
		s := n.dial(session.Options{}, "a:1", "b:1")
		var callers sync.WaitGroup
		var own, wrong atomic.Int32
		for i := range 8 {
			callers.Go(func() {
				for j := range 100 {
					msg := []byte{byte(i), byte(j)}
					reply, err := s.Echo(context.Background(), msg)
					switch {
					case errors.Is(err, echo.ErrClosed):
						return
					case err != nil || !bytes.Equal(reply, msg):
						wrong.Add(1)
					case own.Add(1) == 600:
						s.Close()
					}
					if j%10 == 0 {
						n.restart([]string{"a:1", "b:1"}[i%2], up)
					}
				}
			})
		}
		callers.Wait()
		require.Zero(t, wrong.Load())
		require.GreaterOrEqual(t, own.Load(), int32(600))
		require.Less(t, own.Load(), int32(800), "Close came before the last")
	})
}
