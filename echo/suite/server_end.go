package suite

import (
	"bytes"
	"context"
	"net"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
)

func endChecks() []Check {
	return []Check{
		{
			Name: "server/end", Subject: Server, Needs: Inside,
			Why: "the end of Serve frees the port, every goroutine and every descriptor, whatever clients do",
			Run: func(t T, r *Rig) {
				before := Count()
				addr := Vacant(t)
				for range 3 { // the same port again
					s := r.serve(t, addr, echo.Options{Grace: grace})
					idle, half, deaf := connected(t, r.Wire, addr), connected(t, r.Wire, addr), connected(t, r.Wire, addr)
					require.NoError(t, idle.echo([]byte("hello")))
					half.Write(encode(r.Wire, []byte("half"))[:3])
					deaf.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
					for deaf.send(make([]byte, most)) == nil {
					}
					silent := connected(t, echo.Framed, addr)
					s.end(t)
					for _, p := range []*peer{idle, half, deaf, silent} {
						require.NoError(t, p.gone(), "after Serve returned")
						p.Close()
					}
				}
				require.NoError(t, before.Same())
			},
		},
		{
			Name: "server/never-served", Subject: Server, Needs: Inside,
			Why: "Serve with a context that is done only releases what Listen took",
			Run: func(t T, r *Rig) {
				before := Count()
				for range 3 {
					server, err := r.Listen("127.0.0.1:0", echo.Options{})
					require.NoError(t, err)
					waiting, err := net.Dial("tcp", server.Addr().String())
					require.NoError(t, err)
					ctx, cancel := context.WithCancel(t.Context())
					cancel()
					require.NoError(t, server.Serve(ctx))
					waiting.Close()
				}
				require.NoError(t, before.Same())
			},
		},
		{
			Name: "server/last-reply", Subject: Server, Needs: Inside,
			Why: "a handler that runs when the server is told to stop returns, and its reply arrives",
			Run: func(t T, r *Rig) {
				entered, release := make(chan struct{}), make(chan struct{})
				let := sync.OnceFunc(func() { close(release) })
				s := r.serve(t, "127.0.0.1:0", echo.Options{Grace: soon, Handler: func(request []byte) []byte {
					entered <- struct{}{}
					<-release
					return bytes.ToUpper(request)
				}})
				t.Cleanup(let) // before the server is waited for
				p := connected(t, r.Wire, s.addr)
				require.NoError(t, p.send([]byte("last words")))
				<-entered
				s.stop()
				let()
				require.NoError(t, p.expect([]byte("LAST WORDS")))
				require.NoError(t, p.gone(), "the connection outlives the stop")
				s.end(t)
			},
		},
		{
			Name: "server/grace", Subject: Server, Needs: Inside,
			Why: "unsent replies have Grace to leave, and no longer",
			Run: func(t T, r *Rig) {
				s := r.serve(t, "127.0.0.1:0", echo.Options{Grace: grace})
				deaf := connected(t, r.Wire, s.addr)
				require.NoError(t, deaf.SetReadBuffer(4096))
				deaf.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
				for deaf.send(make([]byte, most)) == nil { // until nothing moves
				}
				began := time.Now()
				s.end(t)
				require.Less(t, time.Since(began), grace+soon)
			},
		},
		{
			Name: "server/address-in-use", Subject: Server, Needs: Inside,
			Why: "two servers cannot have one address, and the second says so",
			Run: func(t T, r *Rig) {
				before := Count()
				s := r.serve(t, "127.0.0.1:0", echo.Options{})
				_, err := r.Listen(s.addr, echo.Options{})
				require.ErrorIs(t, err, inUse)
				served(t, r.Wire, s.addr)
				s.end(t)
				require.NoError(t, before.Same())
			},
		},
	}
}
