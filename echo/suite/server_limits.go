package suite

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
)

// clients are more than select(2) can watch.
const clients = 1100

func limitChecks() []Check {
	return []Check{
		{
			Name: "server/many-clients", Subject: Server, Needs: Inside,
			Why: "1,100 clients at once, each answered while all are connected",
			Here: func() string {
				const need = 2*clients + 200
				if left := (echo.Options{}).WithDefaults().MaxClients; left < need {
					return fmt.Sprintf("needs %d descriptors for both ends, RLIMIT_NOFILE leaves %d: raise it with ulimit -n", need, left)
				}
				return ""
			},
			Run: func(t T, r *Rig) {
				addr := r.serve(t, "127.0.0.1:0", echo.Options{}).addr
				peers := make([]*peer, clients)
				for i := range peers {
					peers[i] = connected(t, r.Wire, addr)
				}
				for round := range 2 {
					for _, p := range peers { // all requests are out before the first reply is read
						require.NoError(t, p.send([]byte("all at once")))
					}
					for i, p := range peers {
						require.NoError(t, p.expect([]byte("all at once")), "client %d, round %d", i, round)
					}
				}
			},
		},
		{
			Name: "server/max-clients", Subject: Server, Needs: Inside,
			Why: "one client more than MaxClients is closed at once, and a place that is freed is given again",
			Run: func(t T, r *Rig) {
				addr := r.serve(t, "127.0.0.1:0", echo.Options{MaxClients: 3}).addr
				peers := []*peer{connected(t, r.Wire, addr), connected(t, r.Wire, addr), connected(t, r.Wire, addr)}
				for _, p := range peers {
					require.NoError(t, p.echo([]byte("in")))
				}
				for range 5 {
					p := connected(t, echo.Framed, addr) // no handshake is waited for
					_, err := p.Read(make([]byte, 1))
					require.True(t, ended(err), "the fourth client was not closed: %v", err)
				}
				require.NoError(t, peers[0].echo([]byte("undisturbed")))
				peers[1].Close()
				require.NoError(t, eventually(func() error {
					p, err := dial(within(t, hung), r.Wire, addr)
					if err != nil {
						return err
					}
					defer p.Close()
					return p.echo([]byte("the freed place"))
				}))
			},
		},
		{
			Name: "server/message-timeout", Subject: Server, Needs: Inside,
			Why: "a message that does not end is given up after MessageTimeout; an idle client is not",
			Run: func(t T, r *Rig) {
				addr := r.serve(t, "127.0.0.1:0", echo.Options{MessageTimeout: 200 * time.Millisecond}).addr
				idle := connected(t, r.Wire, addr)
				require.NoError(t, idle.echo([]byte("first")))
				for _, n := range []int{1, 6, 40_000} {
					half := connected(t, r.Wire, addr)
					began := time.Now()
					_, err := half.Write(encode(r.Wire, make([]byte, 50_000))[:n])
					require.NoError(t, err)
					require.NoError(t, half.gone())
					require.Greater(t, time.Since(began), 150*time.Millisecond, "it was given no time")
				}
				require.NoError(t, idle.echo([]byte("idle for 600 ms")))
			},
		},
		{
			Name: "server/trickle", Subject: Server, Needs: Inside,
			Why: "MessageTimeout runs from a message's first byte: a byte now and then does not renew it",
			Run: func(t T, r *Rig) {
				addr := r.serve(t, "127.0.0.1:0", echo.Options{MessageTimeout: 200 * time.Millisecond}).addr
				slow := connected(t, r.Wire, addr)
				closed := make(chan error, 1)
				go func() { closed <- slow.gone() }()
				tick := time.NewTicker(20 * time.Millisecond)
				defer tick.Stop()
				message := encode(r.Wire, make([]byte, 50_000))
				for i := 0; ; i++ {
					select {
					case err := <-closed:
						require.NoError(t, err)
						return
					case <-tick.C:
						require.Less(t, i, 500, "after 10 s the server still waits")
						slow.Write(message[i : i+1])
					}
				}
			},
		},
		{
			Name: "server/unread-reply", Subject: Server, Needs: Inside,
			Why: "a reply that nobody reads for MessageTimeout is given up with its connection",
			Run: func(t T, r *Rig) {
				addr := r.serve(t, "127.0.0.1:0", echo.Options{MessageTimeout: 200 * time.Millisecond}).addr
				deaf := connected(t, r.Wire, addr)
				require.NoError(t, deaf.SetReadBuffer(4096))
				for {
					if err := deaf.send(make([]byte, most)); err != nil {
						require.True(t, ended(err), "the server neither reads nor closes: %v", err)
						break
					}
				}
				served(t, r.Wire, addr)
			},
		},
		{
			Name: "server/handshake-timeout", Subject: Server, Needs: Inside, Wires: []echo.Wire{echo.ZMTP},
			Why: "a handshake has HandshakeTimeout from accept to its end",
			Run: func(t T, r *Rig) {
				addr := r.serve(t, "127.0.0.1:0", echo.Options{HandshakeTimeout: 100 * time.Millisecond}).addr
				silent := connected(t, echo.Framed, addr)
				require.NoError(t, silent.gone())
				served(t, r.Wire, addr)
			},
		},
		{
			Name: "server/ping", Subject: Server, Needs: Address, Wires: []echo.Wire{echo.ZMTP},
			Why: "RFC 37: a PING is answered by a PONG with its context, and is no message",
			Run: func(t T, r *Rig) {
				p := connected(t, r.Wire, r.address(t))
				require.NoError(t, p.echo([]byte("before")))
				_, err := p.Write([]byte("\x04\x0a\x04PING\x00\x0aabc"))
				require.NoError(t, err)
				flags, body, err := p.frame()
				require.NoError(t, err)
				require.Equal(t, byte(command), flags)
				require.Equal(t, "\x04PONGabc", string(body))
				require.NoError(t, p.echo([]byte("after")))
			},
		},
	}
}

// ended reports whether err says that the other side closed.
func ended(err error) bool {
	var timeout interface{ Timeout() bool }
	return err != nil && (errors.Is(err, io.EOF) || !errors.As(err, &timeout) || !timeout.Timeout())
}

// eventually polls for what no event announces, for at most a second.
func eventually(f func() error) error {
	for began := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		err := f()
		if err == nil {
			return nil
		}
		if time.Since(began) > soon {
			return fmt.Errorf("not within %v: %w", soon, err)
		}
	}
}
