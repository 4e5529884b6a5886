package suite

import (
	"context"
	"net"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
)

func clientErrorChecks() []Check {
	checks := []Check{
		{
			Name: "client/refused", Subject: Client, Needs: Inside,
			Why: "nobody listens: the system's own error, at once",
			Run: func(t T, r *Rig) {
				before := Count()
				began := time.Now()
				_, err := r.Connect(within(t, hung), Vacant(t), echo.Options{})
				require.ErrorIs(t, err, connRefused)
				require.ErrorIs(t, err, echo.ErrNoServer)
				require.Less(t, time.Since(began), soon)
				require.NoError(t, before.Same())
			},
		},
		{
			Name: "client/lost", Subject: Client, Needs: Inside,
			Why: "a connection that ends after the request, by FIN or RST, is ErrNoReply at once",
			Run: func(t T, r *Rig) {
				for name, end := range map[string]func(*peer){"FIN": func(*peer) {}, "RST": (*peer).reset} {
					ref := r.reference(t, "127.0.0.1:0", func(_ int, p *peer) {
						p.recv()
						end(p)
					})
					c := r.connect(t, ref.addr)
					_, err := c.Echo(within(t, hung), []byte("hello"))
					require.ErrorIs(t, err, echo.ErrNoReply, name)
					require.NotErrorIs(t, err, context.DeadlineExceeded, name)
					_, err = c.Echo(within(t, hung), []byte("again"))
					require.ErrorIs(t, err, echo.ErrNoServer, "%s: after an error the connection is spent", name)
				}
			},
		},
		{
			Name: "client/silent-port", Subject: Client, Needs: Inside,
			Why: "a port that accepts and stays silent: on framed the request is written and lost, on zmtp Connect has no end but its context's",
			Run: func(t T, r *Rig) {
				addr := silentPort(t)
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				began := time.Now()
				c, err := r.Connect(ctx, addr, echo.Options{})
				want := echo.ErrNoServer
				if r.Wire == echo.Framed {
					require.NoError(t, err)
					defer c.Close()
					_, err = c.Echo(ctx, []byte("anybody?"))
					want = echo.ErrNoReply
				}
				require.ErrorIs(t, err, want)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.Less(t, time.Since(began), 200*time.Millisecond)
			},
		},
		{
			Name: "client/two-replies", Subject: Client, Needs: Inside,
			Why: "a second reply to one request never answers the next",
			Run: func(t T, r *Rig) {
				c := r.connect(t, r.reference(t, "127.0.0.1:0", func(_ int, p *peer) {
					for {
						msg, err := p.recv()
						if err != nil || p.send(msg, []byte("and one more")) != nil {
							return
						}
					}
				}).addr)
				for _, msg := range numbered("request", 5) {
					got, err := c.Echo(within(t, hung), msg)
					if err != nil {
						require.ErrorIs(t, err, echo.ErrMalformed)
						return
					}
					require.NoError(t, same(got, msg))
				}
			},
		},
	}
	checks = append(checks, selfChecks()...)
	for _, reply := range malformed {
		checks = append(checks, Check{
			Name: "client/malformed-" + reply.name, Subject: Client, Needs: Inside,
			Wires: []echo.Wire{reply.wire}, Why: "a reply of " + reply.story + " is ErrMalformed, at once",
			Run: func(t T, r *Rig) {
				c := r.connect(t, r.reference(t, "127.0.0.1:0", utter(reply.bytes)).addr)
				_, err := c.Echo(within(t, hung), []byte("hello"))
				require.ErrorIs(t, err, echo.ErrMalformed)
				require.ErrorIs(t, err, echo.ErrNoReply)
				require.NotErrorIs(t, err, echo.ErrTooLarge, "that is about what the caller sends")
			},
		})
	}
	return checks
}

// silentPort is an address whose kernel accepts, and whose program never does.
func silentPort(t T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

// malformed are replies that no client may accept.
var malformed = []struct {
	name  string
	wire  echo.Wire
	story string
	bytes string
}{
	{"length", echo.Framed, "2^32-1 bytes", "\xff\xff\xff\xff"},
	{"limit", echo.Framed, "one byte over the limit", "\x00\x10\x00\x01"},
	{"frame", echo.ZMTP, "2^62 bytes", "\x01\x00\x02\x40\x00\x00\x00\x00\x00\x00\x00"},
	{"body", echo.ZMTP, "one byte over the limit", "\x01\x00\x02\x00\x00\x00\x00\x00\x10\x00\x01"},
	{"delimiter", echo.ZMTP, "no delimiter", "\x00\x05hello"},
	{"flags", echo.ZMTP, "reserved flags", "\xf8\x00\x00\x05hello"},
}

// utter answers the first request with these bytes, and waits.
func utter(bytes string) script {
	return func(_ int, p *peer) {
		p.recv()
		p.Write([]byte(bytes))
		p.gone()
	}
}
