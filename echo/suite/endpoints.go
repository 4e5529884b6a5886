package suite

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/echo/session"
)

func endpointChecks() []Check {
	return []Check{
		{
			Name: "session/three-endpoints", Subject: Session, Needs: Inside,
			Why: "requests go to the endpoints in turn, in the order given",
			Run: func(t T, r *Rig) {
				servers := r.namedServers(t, "a", "b", "c")
				s := r.dial(t, session.Options{}, servers...)
				for range 4 {
					for _, want := range []string{"a", "b", "c"} {
						got, err := s.Echo(within(t, hung), []byte("who?"))
						require.NoError(t, err)
						require.Equal(t, want, string(got))
					}
				}
			},
		},
		{
			Name: "session/failover", Subject: Session, Needs: Inside,
			Why: "one endpoint of three is down: the others answer at once; it comes back: it is dealt to again",
			Run: func(t T, r *Rig) {
				addr := Vacant(t)
				name := func(who string) script { return named(who) }
				first := r.reference(t, addr, name("a"))
				others := r.namedServers(t, "b", "c")
				s := r.dial(t, session.Options{}, addr, others[0], others[1])
				ask := func() string {
					began := time.Now()
					got, err := s.Echo(within(t, hung), []byte("who?"))
					require.NoError(t, err)
					require.Less(t, time.Since(began), soon)
					return string(got)
				}
				require.Equal(t, "a", ask())
				first.stop()
				for range 10 {
					require.NotEqual(t, "a", ask())
				}
				r.reference(t, addr, name("a again"))
				came := time.Now()
				for ask() != "a again" {
					time.Sleep(5 * time.Millisecond) // no event tells that a backoff has ended
					require.Less(t, time.Since(came), hung, "it never came back")
				}
				require.Contains(t, []string{"b", "c"}, ask(), "the others still have their turn")
			},
		},
		{
			Name: "session/blackhole", Subject: Session, Needs: Inside,
			Why: "an endpoint that falls silent counts as lost after ReplyTimeout, and the next one answers",
			Run: func(t T, r *Rig) {
				servers := r.namedServers(t, "a", "b")
				hole := between(t, servers[0])
				s := r.dial(t, session.Options{ReplyTimeout: 100 * time.Millisecond}, hole.Addr(), servers[1])
				for _, want := range []string{"a", "b"} {
					got, err := s.Echo(within(t, hung), []byte("who?"))
					require.NoError(t, err)
					require.Equal(t, want, string(got))
				}
				hole.Stall()
				for range 4 {
					began := time.Now()
					got, err := s.Echo(within(t, hung), []byte("who?"))
					require.NoError(t, err)
					require.Equal(t, "b", string(got))
					require.Less(t, time.Since(began), 3*soon)
				}
			},
		},
		{
			Name: "session/patience", Subject: Session, Needs: Inside,
			Why: "without ReplyTimeout a slow reply is waited for, and nothing is sent twice",
			Run: func(t T, r *Rig) {
				var requests atomic.Int64
				ref := r.reference(t, "127.0.0.1:0", func(_ int, p *peer) {
					msg, err := p.recv()
					if err == nil {
						requests.Add(1)
						time.Sleep(1200 * time.Millisecond) // longer than AttemptTimeout: that is about connecting
						p.send(msg)
					}
				})
				require.NoError(t, converse(t, r.dial(t, session.Options{}, ref.addr), numbered("slow", 1)))
				require.EqualValues(t, 1, requests.Load())
			},
		},
		{
			Name: "session/silent-port", Subject: Session, Needs: Inside,
			Why: "a port that accepts and stays silent until the deadline: a byte of a framed request was written, of a zmtp one never",
			Run: func(t T, r *Rig) {
				want := echo.ErrNoServer
				if r.Wire == echo.Framed {
					want = echo.ErrNoReply
				}
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				began := time.Now()
				_, err := r.dial(t, session.Options{}, silentPort(t)).Echo(ctx, []byte("anybody?"))
				require.ErrorIs(t, err, want)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.Less(t, time.Since(began), 200*time.Millisecond)
			},
		},
	}
}

// namedServers starts a server for each name, which answers every request with it.
func (r *Rig) namedServers(t T, names ...string) []string {
	t.Helper()
	var addrs []string
	for _, name := range names {
		addrs = append(addrs, r.reference(t, "127.0.0.1:0", named(name)).addr)
	}
	return addrs
}

func named(name string) script {
	return func(_ int, p *peer) {
		for {
			if _, err := p.recv(); err != nil || p.send([]byte(name)) != nil {
				return
			}
		}
	}
}
