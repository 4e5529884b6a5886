package suite

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/internal/proxy"
)

func clientChecks() []Check {
	return []Check{
		{
			Name: "client/fidelity", Subject: Client, Needs: Inside,
			Why: "what comes back is what was sent, whatever its size and bytes",
			Run: func(t T, r *Rig) {
				c := r.connect(t, r.reference(t, "127.0.0.1:0", answer).addr)
				require.NoError(t, converse(t, c, r.messages(sizes...)))
				require.NoError(t, converse(t, c, r.messages(r.random(100, 3000)...)), "seed %d", r.Seed)
			},
		},
		{
			Name: "client/order", Subject: Client, Needs: Inside,
			Why: "each connection gets its own replies, in the order of its requests",
			Run: func(t T, r *Rig) {
				addr := r.reference(t, "127.0.0.1:0", answer).addr
				require.NoError(t, converse(t, r.connect(t, addr), numbered("one", 300)))
				require.NoError(t, atOnce(64, func(i int) error {
					c, err := r.Connect(within(t, hung), addr, echo.Options{})
					if err != nil {
						return err
					}
					defer c.Close()
					return converse(t, c, numbered(fmt.Sprintf("client %d", i), 20))
				}))
			},
		},
		{
			Name: "client/sliced", Subject: Client, Needs: Inside,
			Why: "a read may bring any part of a reply, down to a byte",
			Run: func(t T, r *Rig) {
				addr := r.reference(t, "127.0.0.1:0", answer).addr
				c := r.connect(t, through(t, addr, proxy.Slice(1, 1, time.Millisecond)))
				require.NoError(t, converse(t, c, r.messages(0, 1, 5, 20)))
				c = r.connect(t, through(t, addr, proxy.Slice(1, 1, 0)))
				require.NoError(t, converse(t, c, r.messages(255, 256, 1024)))
				c = r.connect(t, through(t, addr, proxy.Slice(1, 5000, 0)))
				require.NoError(t, converse(t, c, r.messages(r.random(10, 100_000)...)), "seed %d", r.Seed)
			},
		},
		{
			Name: "client/ownership", Subject: Client, Needs: Inside,
			Why: "the reply is the caller's and the request stays his: neither changes under him",
			Run: func(t T, r *Rig) {
				c := r.connect(t, r.reference(t, "127.0.0.1:0", answer).addr)
				for _, n := range []int{100, 5000, 200_000} {
					request, want := r.messages(n)[0], r.messages(n)[0]
					first, err := c.Echo(t.Context(), request)
					require.NoError(t, err)
					require.NoError(t, same(request, want))
					clear(request)
					_, err = c.Echo(t.Context(), make([]byte, n))
					require.NoError(t, err)
					require.NoError(t, same(first, want), "after a second Echo")
				}
			},
		},
		{
			Name: "client/too-large", Subject: Client, Needs: Inside,
			Why: "a message over the limit is ErrTooLarge, nothing of it is sent, and the connection goes on",
			Run: func(t T, r *Rig) {
				c := r.connect(t, r.reference(t, "127.0.0.1:0", answer).addr)
				_, err := c.Echo(t.Context(), make([]byte, most+1))
				require.ErrorIs(t, err, echo.ErrTooLarge)
				require.NoError(t, converse(t, c, numbered("after", 3)))
			},
		},
		{
			Name: "client/deadline", Subject: Client, Needs: Inside,
			Why: "the deadline of an Echo is kept, and the late reply answers nothing else",
			Run: func(t T, r *Rig) {
				late := make(chan struct{})
				addr := r.reference(t, "127.0.0.1:0", func(_ int, p *peer) {
					p.recv()
					<-late
					p.send([]byte("late"))
					answer(0, p)
				}).addr
				defer close(late)
				c := r.connect(t, addr)
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				began := time.Now()
				_, err := c.Echo(ctx, []byte("in time?"))
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.ErrorIs(t, err, echo.ErrNoReply)
				require.Less(t, time.Since(began), 200*time.Millisecond)
				late <- struct{}{}
				_, err = c.Echo(within(t, hung), []byte("another"))
				require.ErrorIs(t, err, echo.ErrNoServer, "after an error the connection is spent")
			},
		},
		{
			Name: "client/cancelled", Subject: Client, Needs: Inside,
			Why: "a context that is done before the call lets no byte be sent",
			Run: func(t T, r *Rig) {
				got := make(chan error, 1)
				addr := r.reference(t, "127.0.0.1:0", func(_ int, p *peer) {
					_, err := p.recv()
					got <- err
				}).addr
				c := r.connect(t, addr)
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				_, err := c.Echo(ctx, []byte("never"))
				require.ErrorIs(t, err, echo.ErrNoServer)
				require.ErrorIs(t, err, context.Canceled)
				require.NoError(t, c.Close())
				require.ErrorIs(t, <-got, io.EOF)
			},
		},
		{
			Name: "client/close", Subject: Client, Needs: Inside,
			Why: "Close ends a blocked Echo, may be called again, and leaves nothing behind",
			Run: func(t T, r *Rig) {
				ref := r.reference(t, "127.0.0.1:0", func(_ int, p *peer) {
					p.recv()
					p.gone() // never a reply
				})
				before := Count()
				for range 5 {
					c := r.connect(t, ref.addr)
					failed := make(chan error, 1)
					go func() {
						_, err := c.Echo(context.Background(), []byte("no answer"))
						failed <- err
					}()
					go c.Close()
					require.NoError(t, c.Close())
					select {
					case err := <-failed:
						require.ErrorIs(t, err, echo.ErrClosed)
					case <-within(t, hung).Done():
						require.Fail(t, "Echo was still blocked after Close")
					}
					require.NoError(t, c.Close(), "once more")
					_, err := c.Echo(t.Context(), []byte("closed"))
					require.ErrorIs(t, err, echo.ErrClosed)
				}
				require.NoError(t, before.Same())
			},
		},
	}
}

// connect opens the connection under test; it is closed at the end of the check.
func (r *Rig) connect(t T, addr string) echo.Conn {
	t.Helper()
	c, err := r.Connect(within(t, hung), addr, echo.Options{})
	require.NoError(t, err, "Connect")
	t.Cleanup(func() { c.Close() })
	return c
}

// An echoer is a Conn or a Session.
type echoer interface {
	Echo(ctx context.Context, msg []byte) ([]byte, error)
}

// converse echoes each message and compares.
func converse(t T, c echoer, msgs [][]byte) error {
	ctx, cancel := context.WithTimeout(t.Context(), hung)
	defer cancel()
	for msg := range slices.Values(msgs) {
		got, err := c.Echo(ctx, msg)
		if err == nil {
			err = same(got, msg)
		}
		if err != nil {
			return fmt.Errorf("echo of %s: %w", show(msg), err)
		}
	}
	return nil
}
