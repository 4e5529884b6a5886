package suite

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/internal/proxy"
)

// most is the limit of a message that every check counts on: the default.
const most = 1 << 20

// sizes are where lengths change their form, fill a buffer, or reach the limit.
var sizes = []int{0, 1, 2, 5, 254, 255, 256, 257, 4095, 4096, 4097, 65_535, 65_536, 65_537, most - 1, most}

func fidelityChecks() []Check {
	return []Check{
		{
			Name: "server/fidelity", Subject: Server, Needs: Address,
			Why: "what comes back is what was sent, whatever its size and bytes",
			Run: func(t T, r *Rig) {
				p := connected(t, r.Wire, r.address(t))
				require.NoError(t, p.echo(r.messages(sizes...)...))
				require.NoError(t, p.echo(r.messages(r.random(100, 3000)...)...), "seed %d", r.Seed)
			},
		},
		{
			Name: "server/order", Subject: Server, Needs: Address,
			Why: "each client gets its own replies, in the order of its requests",
			Run: func(t T, r *Rig) {
				addr := r.address(t)
				require.NoError(t, connected(t, r.Wire, addr).echo(numbered("one", 300)...))
				require.NoError(t, atOnce(64, func(i int) error {
					p, err := dial(within(t, hung), r.Wire, addr)
					if err != nil {
						return err
					}
					defer p.Close()
					return p.echo(numbered(fmt.Sprintf("client %d", i), 20)...)
				}))
			},
		},
		{
			Name: "server/sliced", Subject: Server, Needs: Address,
			Why: "a read may bring any part of a message, down to a byte",
			Run: func(t T, r *Rig) {
				addr := r.address(t)
				p := connected(t, r.Wire, through(t, addr, proxy.Slice(1, 1, time.Millisecond)))
				require.NoError(t, p.echo(r.messages(0, 1, 5, 20)...))
				p = connected(t, r.Wire, through(t, addr, proxy.Slice(1, 1, 0)))
				require.NoError(t, p.echo(r.messages(255, 256, 1024)...))
				p = connected(t, r.Wire, through(t, addr, proxy.Slice(1, 5000, 0)))
				require.NoError(t, p.echo(r.messages(r.random(10, 100_000)...)...), "seed %d", r.Seed)
			},
		},
		{
			Name: "server/joined", Subject: Server, Needs: Address,
			Why: "many writes may arrive as one read",
			Run: func(t T, r *Rig) {
				addr := through(t, r.address(t), proxy.Join(64<<10, 20*time.Millisecond))
				p := connected(t, r.Wire, addr)
				for _, msg := range r.messages(0, 5, 300) {
					for _, b := range encode(r.Wire, msg) {
						_, err := p.Write([]byte{b})
						require.NoError(t, err)
					}
					require.NoError(t, p.expect(msg))
				}
			},
		},
		{
			Name: "server/pipelined", Subject: Server, Needs: Address, Wires: []echo.Wire{echo.Framed},
			Why: "one segment may carry many requests, and each has its reply",
			Run: func(t T, r *Rig) {
				p := connected(t, r.Wire, r.address(t))
				for _, msgs := range [][][]byte{
					numbered("a", 2), numbered("b", 500),
					r.messages(0, 0, 70_000, 3, 5000, 0, 4096, 1),
				} {
					require.NoError(t, p.send(msgs...))
					for _, msg := range msgs {
						require.NoError(t, p.expect(msg))
					}
				}
			},
		},
		{
			Name: "server/half-close", Subject: Server, Needs: Address, Wires: []echo.Wire{echo.Framed},
			Why: "a client that has said FIN still reads: every reply must arrive",
			Run: func(t T, r *Rig) {
				p := connected(t, r.Wire, r.address(t))
				msgs := r.messages(most, most, most, most, most, most, most, most, 1, 0)
				wrote := make(chan error, 1)
				go func() {
					err := p.send(msgs...)
					if err == nil {
						err = p.CloseWrite()
					}
					wrote <- err
				}()
				for _, msg := range msgs {
					require.NoError(t, p.expect(msg))
				}
				require.NoError(t, <-wrote)
				require.NoError(t, p.gone(), "after the last reply the server closes too")
			},
		},
		{
			Name: "server/handler", Subject: Server, Needs: Inside,
			Why: "a handler may return the request, a part of it, or something else",
			Run: func(t T, r *Rig) {
				replies := map[string]string{"whole": "whole", "part": "ar", "other": "something else", "none": ""}
				s := r.serve(t, "127.0.0.1:0", echo.Options{Handler: func(request []byte) []byte {
					if string(request) == "part" {
						return request[1:3]
					}
					return []byte(replies[string(request)])
				}})
				p := connected(t, r.Wire, s.addr)
				for request, want := range replies {
					require.NoError(t, p.send([]byte(request)))
					require.NoError(t, p.expect([]byte(want)))
				}
			},
		},
	}
}

// messages makes one message of each size, of random bytes; those of 256 and
// more begin with all byte values.
func (r *Rig) messages(sizes ...int) [][]byte {
	random := rand.NewChaCha8([32]byte{byte(r.Seed), byte(r.Seed >> 8)})
	var msgs [][]byte
	for _, n := range sizes {
		msg := make([]byte, n)
		random.Read(msg)
		if n >= 256 {
			for i := range 256 {
				msg[i] = byte(i)
			}
		}
		msgs = append(msgs, msg)
	}
	return msgs
}

// random returns count sizes below limit.
func (r *Rig) random(count, limit int) []int {
	random := rand.New(rand.NewPCG(r.Seed, 1))
	var sizes []int
	for range count {
		sizes = append(sizes, random.IntN(limit))
	}
	return sizes
}

// numbered makes count short messages, no two alike.
func numbered(who string, count int) [][]byte {
	var msgs [][]byte
	for i := range count {
		msgs = append(msgs, fmt.Appendf(nil, "%s, message %d", who, i))
	}
	return msgs
}

// through puts a proxy with these faults, both ways, in front of addr.
func through(t T, addr string, faults ...proxy.Fault) string {
	t.Helper()
	return between(t, addr, faults...).Addr()
}

func between(t T, addr string, faults ...proxy.Fault) *proxy.Proxy {
	t.Helper()
	p, err := proxy.New(proxy.Options{Target: addr, Up: faults, Down: faults})
	require.NoError(t, err)
	t.Cleanup(func() { p.Close() })
	return p
}
