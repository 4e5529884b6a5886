package suite

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/echo/session"
)

func pairChecks() []Check {
	return []Check{
		{
			Name: "pair/fidelity", Subject: Pair, Needs: Inside,
			Why: "this client and this server carry every size and every byte",
			Run: func(t T, r *Rig) {
				c := r.connect(t, r.serve(t, "127.0.0.1:0", echo.Options{}).addr)
				require.NoError(t, converse(t, c, r.messages(sizes...)))
				require.NoError(t, converse(t, c, r.messages(r.random(100, 3000)...)), "seed %d", r.Seed)
			},
		},
		{
			Name: "pair/order", Subject: Pair, Needs: Inside,
			Why: "64 clients, each with its own replies in order",
			Run: func(t T, r *Rig) {
				addr := r.serve(t, "127.0.0.1:0", echo.Options{}).addr
				require.NoError(t, atOnce(64, func(i int) error {
					c, err := r.Connect(within(t, hung), addr, echo.Options{})
					if err != nil {
						return err
					}
					defer c.Close()
					return converse(t, c, numbered(fmt.Sprintf("client %d", i), 30))
				}))
			},
		},
		{
			Name: "pair/restart", Subject: Pair, Needs: Inside,
			Why: "a session outlives restarts of its server, also in the middle of a request",
			Run: func(t T, r *Rig) {
				addr := Vacant(t)
				s := r.dial(t, session.Options{}, addr)
				talked := make(chan error, 1)
				progress := make(chan struct{}) // unbuffered: the restarts come between the messages, not after them
				go func() {
					defer close(progress)
					for _, msg := range numbered("through restarts", 40) {
						if err := converse(t, s, [][]byte{msg}); err != nil {
							talked <- err
							return
						}
						select {
						case progress <- struct{}{}:
						case <-t.Context().Done():
							return
						}
					}
					talked <- nil
				}()
				for range 4 {
					server := r.serve(t, addr, echo.Options{})
					for range 10 {
						<-progress
					}
					server.end(t) // the next request may be under way
				}
				require.NoError(t, <-talked)
			},
		},
	}
}
