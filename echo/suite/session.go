package suite

import (
	"bytes"
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/echo/session"
)

func sessionChecks() []Check {
	return []Check{
		{
			Name: "session/client-first", Subject: Session, Needs: Inside,
			Why: "the client may start first: its request waits for the server",
			Run: func(t T, r *Rig) {
				addr, early := Vacant(t), make(chan struct{})
				tried := sync.OnceFunc(func() { close(early) })
				told := &Rig{Connect: func(ctx context.Context, addr string, o echo.Options) (echo.Conn, error) {
					defer tried()
					return r.Connect(ctx, addr, o)
				}}
				s := told.dial(t, session.Options{}, addr)
				got := make(chan error, 1)
				go func() { got <- converse(t, s, numbered("early", 2)) }()
				<-early
				r.reference(t, addr, answer)
				require.NoError(t, <-got)
			},
		},
		{
			Name: "session/lost-in-a-request", Subject: Session, Needs: Inside,
			Why: "a server that goes between request and reply, by FIN or RST: the request is sent again, the caller sees one reply",
			Run: func(t T, r *Rig) {
				for name, end := range map[string]func(*peer){"FIN": func(*peer) {}, "RST": (*peer).reset} {
					var requests atomic.Int64
					ref := r.reference(t, "127.0.0.1:0", func(n int, p *peer) {
						p.reply(1)
						if msg, err := p.recv(); err == nil {
							requests.Add(1)
							if n < 3 {
								end(p)
								return
							}
							p.send(msg)
						}
						answer(n, p)
					})
					s := r.dial(t, session.Options{}, ref.addr)
					require.NoError(t, converse(t, s, numbered(name, 6)), name)
					require.Greater(t, requests.Load(), int64(3), "%s: at least once", name)
				}
			},
		},
		{
			Name: "session/restart-while-idle", Subject: Session, Needs: Inside,
			Why: "a server restarted while nothing was asked: the next request finds the new one",
			Run: func(t T, r *Rig) {
				addr := Vacant(t)
				s := r.dial(t, session.Options{}, addr)
				for _, msg := range numbered("restart", 4) {
					ref := r.reference(t, addr, answer)
					require.NoError(t, converse(t, s, [][]byte{msg, []byte("twice")}))
					ref.stop()
				}
			},
		},
		{
			Name: "session/at-most-once", Subject: Session, Needs: Inside,
			Why: "with AtMostOnce a request of which a byte was written is not sent again",
			Run: func(t T, r *Rig) {
				var requests atomic.Int64
				ref := r.reference(t, "127.0.0.1:0", func(n int, p *peer) {
					if msg, err := p.recv(); err == nil && requests.Add(1) > 1 {
						p.send(msg)
						answer(n, p)
					}
				})
				s := r.dial(t, session.Options{AtMostOnce: true}, ref.addr)
				_, err := s.Echo(within(t, hung), []byte("pay"))
				require.ErrorIs(t, err, echo.ErrNoReply)
				require.EqualValues(t, 1, requests.Load())
				require.NoError(t, converse(t, s, numbered("next", 2)), "the session goes on")
			},
		},
		{
			Name: "session/deadline", Subject: Session, Needs: Inside,
			Why: "the deadline of an Echo is kept, and a late reply answers no later request",
			Run: func(t T, r *Rig) {
				late := make(chan struct{})
				ref := r.reference(t, "127.0.0.1:0", func(n int, p *peer) {
					if n == 0 {
						p.reply(1)
						p.recv()
						<-late
						p.send([]byte("late"))
					}
					answer(n, p)
				})
				defer close(late) // also when the check fails: the server waits for it
				s := r.dial(t, session.Options{}, ref.addr)
				require.NoError(t, converse(t, s, numbered("in time", 1)))
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				began := time.Now()
				_, err := s.Echo(ctx, []byte("in time?"))
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.ErrorIs(t, err, echo.ErrNoReply)
				require.Less(t, time.Since(began), 200*time.Millisecond)
				late <- struct{}{}
				require.NoError(t, converse(t, s, numbered("after", 3)))
			},
		},
		{
			Name: "session/no-server", Subject: Session, Needs: Inside,
			Why: "nobody there until the deadline: ErrNoServer, and the last reason",
			Run: func(t T, r *Rig) {
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				began := time.Now()
				_, err := r.dial(t, session.Options{}, Vacant(t)).Echo(ctx, []byte("anybody?"))
				require.ErrorIs(t, err, echo.ErrNoServer)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.ErrorIs(t, err, connRefused)
				require.Less(t, time.Since(began), 200*time.Millisecond)
			},
		},
		{
			Name: "session/malformed", Subject: Session, Needs: Inside,
			Why: "a malformed or oversize reply is an error at once: asking again would bring the same",
			Run: func(t T, r *Rig) {
				for _, reply := range malformed {
					if reply.wire != r.Wire {
						continue
					}
					ref := r.reference(t, "127.0.0.1:0", utter(reply.bytes))
					_, err := r.dial(t, session.Options{}, ref.addr).Echo(within(t, hung), []byte("hello"))
					require.ErrorIs(t, err, echo.ErrMalformed, reply.name)
					require.EqualValues(t, 1, ref.accepted.Load(), "%s: asked again", reply.name)
				}
			},
		},
		{
			Name: "session/close", Subject: Session, Needs: Inside,
			Why: "Close ends a blocked Echo and one that waits its turn, may be called again, and leaves nothing behind",
			Run: func(t T, r *Rig) {
				asked := make(chan struct{}, 1)
				ref := r.reference(t, "127.0.0.1:0", func(_ int, p *peer) {
					p.recv()
					asked <- struct{}{}
					p.gone()
				})
				before := Count()
				s := r.dial(t, session.Options{}, ref.addr)
				failed := make(chan error, 2)
				for range 2 {
					go func() {
						_, err := s.Echo(context.Background(), []byte("no answer"))
						failed <- err
					}()
				}
				<-asked
				require.NoError(t, s.Close())
				require.NoError(t, s.Close())
				require.ErrorIs(t, <-failed, echo.ErrClosed)
				require.ErrorIs(t, <-failed, echo.ErrClosed)
				require.NoError(t, before.Same())
			},
		},
		{
			Name: "session/large-after-restart", Subject: Session, Needs: Inside,
			Why: "a large message cut off in the middle is sent again from its beginning",
			Run: func(t T, r *Rig) {
				msg := r.messages(most)[0]
				ref := r.reference(t, "127.0.0.1:0", func(n int, p *peer) {
					if n < 2 {
						p.in.Discard(1 << 10)
						p.reset()
						return
					}
					answer(n, p)
				})
				got, err := r.dial(t, session.Options{}, ref.addr).Echo(within(t, hung), msg)
				require.NoError(t, err)
				require.True(t, bytes.Equal(got, msg), "the reply differs")
			},
		},
	}
}

// dial opens a session over the client under test until the end of the check.
func (r *Rig) dial(t T, o session.Options, addrs ...string) *session.Session {
	t.Helper()
	s, err := session.Dial(r.Connect, addrs, o)
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}
