// Package hostile holds the peers that sit at the end of a connection and mean
// harm, or are merely broken: a file a peer. Each says in a sentence what it
// does to a server that trusts it.
//
// A peer waits for the server, that it reads or closes, or, when silence is its
// weapon, for ctx. Being closed, reset or refused is how a good server answers,
// and no error.
package hostile

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"echolab/echo"
)

// A Peer is one kind of bad company.
type Peer struct {
	Name, Story string
	Wires       []echo.Wire
	// Times is how often Attack is to run in a full attack; see Run.
	Times int
	// Waits: the harm is silence, which lasts until ctx is done or the server closes.
	Waits bool
	// Attack is one connection, from connect to its end. most is the server's
	// MaxMessage. It returns nil when the harm is done, or was prevented by the
	// server. An error means that there was no attack. No descriptor is left.
	Attack func(ctx context.Context, addr string, most int) error
}

// Peers are those for a wire, from the quietest to the loudest.
func Peers(w echo.Wire) []Peer {
	all := slices.Concat(
		silent(), slow(), half(), unfinished(), // they wait
		garbage(), http(), tlsHello(), stranger(), ready(), errorCommand(), // they speak something else
		oversize(), reserved(), delimiter(), commandMore(), ping(), // they break a rule
		endlessMore(), neverReads(), resets(), scan(), // they do too much of it
	)
	return slices.DeleteFunc(all, func(p Peer) bool { return !slices.Contains(p.Wires, w) })
}

// atOnce bounds the connections of one Run.
const atOnce = 100

// Run is the full attack: Attack, p.Times times, at most 100 at once.
func (p Peer) Run(ctx context.Context, addr string, most int) error {
	var begun atomic.Int64
	var all sync.WaitGroup
	errs := make([]error, min(p.Times, atOnce))
	for i := range errs {
		all.Go(func() {
			for errs[i] == nil && ctx.Err() == nil && begun.Add(1) <= int64(p.Times) {
				errs[i] = p.Attack(ctx, addr, most)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

var (
	either = []echo.Wire{echo.Framed, echo.ZMTP}
	framed = []echo.Wire{echo.Framed}
	zmtp   = []echo.Wire{echo.ZMTP}
)
