package suite

import (
	"context"
	"os"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"echolab/echo"
	"echolab/internal/hostile"
)

func harmChecks() []Check {
	return []Check{
		{
			Name: "server/half-message", Subject: Server, Needs: Address,
			Why: "half a message and then silence keeps nobody else waiting",
			Run: func(t T, r *Rig) {
				addr := r.address(t)
				half := connected(t, r.Wire, addr)
				bytes := encode(r.Wire, []byte("the rest never comes"))
				_, err := half.Write(bytes[:len(bytes)/2])
				require.NoError(t, err)
				served(t, r.Wire, addr)
				half.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
				_, err = half.in.Peek(1)
				require.ErrorIs(t, err, os.ErrDeadlineExceeded, "a reply came before the message had ended")
				half.SetReadDeadline(time.Now().Add(hung))
				_, err = half.Write(bytes[len(bytes)/2:])
				require.NoError(t, err)
				require.NoError(t, half.expect([]byte("the rest never comes")), "it came after all")
			},
		},
		{
			Name: "server/silent-first", Subject: Server, Needs: Address,
			Why: "a client that connects and says nothing keeps nobody else waiting",
			Run: func(t T, r *Rig) {
				addr := r.address(t)
				for range 3 {
					connected(t, echo.Framed, addr) // a TCP connection, and no byte
					connected(t, r.Wire, addr)
				}
				served(t, r.Wire, addr)
			},
		},
		{
			Name: "server/reader-stops", Subject: Server, Needs: Address,
			Why: "a client that never reads its replies keeps nobody else waiting",
			Run: func(t T, r *Rig) {
				addr := r.address(t)
				deaf := deafened(t, r.Wire, addr)
				for range 5 {
					served(t, r.Wire, addr)
				}
				for _, p := range deaf {
					p.Close()
				}
				served(t, r.Wire, addr)
			},
		},
		{
			Name: "server/leaves-early", Subject: Server, Needs: Address,
			Why: "a client that resets with a reply under way harms nobody",
			Run: func(t T, r *Rig) {
				addr := r.address(t)
				for range 50 {
					p := connected(t, r.Wire, addr)
					require.NoError(t, p.send([]byte("no time for the reply")))
					p.reset()
				}
				served(t, r.Wire, addr)
			},
		},
		{
			Name: "server/oversize", Subject: Server, Needs: Address,
			Why: "one byte over the limit ends that connection, and no other",
			Run: func(t T, r *Rig) {
				addr := r.address(t)
				other := connected(t, r.Wire, addr)
				p := connected(t, r.Wire, addr)
				go p.send(make([]byte, most+1)) // ends when the server closes
				require.NoError(t, p.gone())
				require.NoError(t, other.echo([]byte("undisturbed")))
				served(t, r.Wire, addr)
			},
		},
		{
			Name: "server/before-oversize", Subject: Server, Needs: Address, Wires: []echo.Wire{echo.Framed},
			Why: "replies that were owed before a bad frame still arrive: close(2) with unread input would send RST",
			Run: func(t T, r *Rig) {
				p := connected(t, r.Wire, r.address(t))
				require.NoError(t, p.SetReadBuffer(16<<10)) // so that replies are still in the server's kernel
				msgs := r.messages(10, 100_000, 20)
				all := encode(r.Wire, msgs[0])
				all = append(all, encode(r.Wire, msgs[1])...)
				all = append(all, encode(r.Wire, msgs[2])...)
				all = append(all, 0xff, 0xff, 0xff, 0xff)
				_, err := p.Write(append(all, make([]byte, 2000)...))
				require.NoError(t, err)
				for _, msg := range msgs {
					require.NoError(t, p.expect(msg))
				}
				require.NoError(t, p.gone())
			},
		},
	}
}

// deafened are clients that ask for 32 MiB each, read nothing, and have stopped
// because the server reads no more of them, has closed, or has read it all. They
// are four, since one may stop too early: a receiver that is full drops segments
// with the acknowledgements in them.
func deafened(t T, wire echo.Wire, addr string) []*peer {
	t.Helper()
	deaf := make([]*peer, 4)
	for i := range deaf {
		deaf[i] = connected(t, wire, addr)
		require.NoError(t, deaf[i].SetReadBuffer(4096))
	}
	atOnce(len(deaf), func(i int) error {
		for range 32 {
			deaf[i].SetWriteDeadline(time.Now().Add(soon))
			if err := deaf[i].send(make([]byte, most)); err != nil {
				return err // as it should
			}
		}
		return nil
	})
	return deaf
}

// hostileChecks makes a check of each hostile peer, small: a few at once. The
// full attacks, in their thousands, are a test of their own. A peer that comes
// in a kind for each wire is one check.
func hostileChecks() []Check {
	var checks []Check
	kinds := map[string]map[echo.Wire]hostile.Peer{}
	for _, wire := range []echo.Wire{echo.Framed, echo.ZMTP} {
		for _, enemy := range hostile.Peers(wire) {
			name := "server/peer-" + enemy.Name
			if i := slices.IndexFunc(checks, func(c Check) bool { return c.Name == name }); i >= 0 {
				kinds[name][wire] = enemy
				checks[i].Wires = nil
				continue
			}
			kind := map[echo.Wire]hostile.Peer{wire: enemy}
			kinds[name] = kind
			checks = append(checks, Check{
				Name: name, Why: enemy.Story,
				Subject: Server, Needs: Address, Wires: []echo.Wire{wire},
				Run: func(t T, r *Rig) { withstand(t, r, kind[r.Wire]) },
			})
		}
	}
	return checks
}

// withstand serves an honest client during and after an attack by three.
func withstand(t T, r *Rig, enemy hostile.Peer) {
	addr := r.address(t)
	before := connected(t, r.Wire, addr)
	require.NoError(t, before.echo([]byte("before")), "before the attack")
	ctx, cancel := context.WithTimeout(t.Context(), hung)
	defer cancel()
	attacks := make(chan error, 3)
	for range cap(attacks) {
		go func() { attacks <- enemy.Attack(ctx, addr, most) }()
	}
	for left, round := cap(attacks), 0; left > 0; round++ {
		served(t, r.Wire, addr)
		if enemy.Waits && round == 20 {
			cancel() // its harm is done while it is there, and it has been for 100 ms
		}
		select {
		case err := <-attacks:
			require.NoError(t, err, "the attack itself failed")
			left--
		case <-time.After(5 * time.Millisecond):
		}
	}
	served(t, r.Wire, addr)
	require.NoError(t, before.echo([]byte("before")), "a client from before the attack")
}
