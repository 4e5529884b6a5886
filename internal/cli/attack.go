package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"echolab/echo"
	"echolab/internal/hostile"
)

// attacking is one run of lab attack.
type attacking struct {
	env     Env
	row     echo.Stack // whose client is the honest one, and whose server is attacked without -connect
	connect string
	peers   []hostile.Peer
	most    int
	timeout time.Duration
	asJSON  bool
}

const attackHelp = `lab attack lets bad company loose on a server, one kind after the other, while an
honest client asks on: before, during and after each. Any server of the wire will
do; without -connect it is one of -stack. It fails when somebody was not served.`

func labAttack(ctx context.Context, args []string, env Env) error {
	r := attacking{env: env, most: 1 << 20, timeout: 2 * time.Second}
	var wire echo.Wire
	var only string
	f := newFlags("attack", attackHelp)
	f.stack(&r.row, env.Stacks)
	f.add("connect", "", "the server's `HOST:PORT`; without it, a server of -stack", func(s string) (err error) {
		r.connect, err = toConnect(s)
		return err
	})
	f.add("wire", "", "what the server speaks, `WIRE`: framed or zmtp (default: as -stack has it)", func(s string) error {
		if wire = echo.Wire(s); wire != echo.Framed && wire != echo.ZMTP {
			return fmt.Errorf("write %s or %s", echo.Framed, echo.ZMTP)
		}
		return nil
	})
	f.text(&only, "only", "the `NAME` of one peer")
	f.integer(&r.most, "max", 1, 1<<30, "the server's largest message, in `BYTES`")
	f.duration(&r.timeout, "timeout", "the honest client waits for `D`, and was not served then")
	f.toggle(&r.asJSON, "json", "print a JSON object a line, for each peer")
	if err := f.parse(args, env.Stdout); err != nil {
		return err
	}
	if wire != "" && wire != r.row.Wire {
		if f.given("stack") {
			return usagef("-wire %s with -stack %s, which speaks %s", wire, r.row.Name, r.row.Wire)
		}
		i := slices.IndexFunc(env.Stacks, func(s echo.Stack) bool { return s.Wire == wire && s.Secure == echo.Plain })
		if i < 0 {
			return usagef("-wire %s: no stack speaks it", wire)
		}
		r.row = env.Stacks[i]
	}
	if err := r.choose(only); err != nil {
		return err
	}
	return r.run(ctx)
}

// choose takes the peers of the wire, or the one that was asked for.
func (r *attacking) choose(only string) error {
	names := []string{}
	for _, p := range hostile.Peers(r.row.Wire) {
		names = append(names, p.Name)
		if only == "" || p.Name == only {
			r.peers = append(r.peers, p)
		}
	}
	if len(r.peers) == 0 {
		return usagef("-only %q: no such peer on %s; there are %s", only, r.row.Wire, list(names))
	}
	return nil
}

// run attacks until no peer is left, or no server.
func (r *attacking) run(ctx context.Context) (err error) {
	target := r.connect
	if target == "" {
		addr, stop, err := serveBehind(ctx, r.row)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stop()) }()
		target = addr
	}
	if first := r.honest(ctx, target); first.err != nil {
		return fmt.Errorf("%s serves nobody, before any attack: %w", target, first.err)
	}
	if err := r.begin(target); err != nil {
		return err
	}
	harmful := 0
	for i, p := range r.peers {
		a := r.assault(ctx, p, target)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := r.tell(a); err != nil {
			return err
		}
		if a.Harm != "" && !a.ByDesign {
			harmful++
		}
		if a.gone {
			return fmt.Errorf("%s left no server to go on with; %d of %d peers ran", p.Name, i+1, len(r.peers))
		}
	}
	if harmful > 0 {
		return fmt.Errorf("%d of %s did harm", harmful, plural(len(r.peers), "peer", "peers"))
	}
	return nil
}
