package cli

import (
	"context"
	"errors"
	"syscall"
	"time"

	"echolab/echo"
	"echolab/internal/hostile"
)

// An assault is what one kind of peer did, as an honest client saw it.
type assault struct {
	Peer     string `json:"peer"`
	Story    string `json:"story"`
	Times    int    `json:"times"`  // connections of the attack
	Asked    int    `json:"asked"`  // by the honest client, during it
	Served   int    `json:"served"` // of these
	Slowest  int64  `json:"slowest_us"`
	Harm     string `json:"harm,omitempty"` // who was not served, and why
	ByDesign bool   `json:"by_design,omitempty"`
	Refused  string `json:"attack,omitempty"` // why there was no attack
	gone     bool   // the server is
}

// Silence says no more by lasting longer, and no attack lasts for ever.
const (
	silenceFor = 500 * time.Millisecond
	attackFor  = 20 * time.Second
)

// assault lets p loose, and asks on until it has ended; and then once more.
func (r *attacking) assault(ctx context.Context, p hostile.Peer, addr string) assault {
	a := assault{Peer: p.Name, Story: p.Story, Times: p.Times}
	long := attackFor
	if p.Waits {
		long = silenceFor
	}
	attack, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	over := make(chan error, 1)
	go func() { over <- p.Run(attack, addr, r.most) }()
	for attacked := false; !attacked; {
		r.ask(ctx, &a, addr, "during")
		select {
		case err := <-over:
			if attacked = true; err != nil {
				a.Refused = err.Error()
			}
		case <-time.After(10 * time.Millisecond): // an honest client, not a flood
		}
	}
	if after := r.honest(ctx, addr); after.err != nil {
		a.Harm = "after: " + after.words()
		a.gone = r.honest(ctx, addr).err != nil // it had the time to come to itself
	}
	_, a.ByDesign = r.row.Excuse["server/peer-"+p.Name]
	a.ByDesign = a.ByDesign && r.connect == "" && a.Harm != "" && !a.gone
	return a
}

// ask is one question, and counts how it fared.
func (r *attacking) ask(ctx context.Context, a *assault, addr, when string) {
	one := r.honest(ctx, addr)
	a.Asked++
	a.Slowest = max(a.Slowest, one.took.Microseconds())
	if one.err == nil {
		a.Served++
	} else if a.Harm == "" {
		a.Harm = when + ": " + one.words()
	}
}

// visit is how an honest client fared.
type visit struct {
	took time.Duration
	err  error
}

// honest connects, sends one message, and leaves.
func (r *attacking) honest(ctx context.Context, addr string) visit {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	began := time.Now()
	conn, err := r.row.Connect(ctx, addr, echo.Options{})
	if err == nil {
		defer conn.Close()
		var reply []byte
		reply, err = conn.Echo(ctx, []byte("still here"))
		if err == nil && string(reply) != "still here" {
			err = errors.New("it got another reply")
		}
	}
	return visit{time.Since(began), err}
}

// words is what became of the server, in a few of them.
func (v visit) words() string {
	switch {
	case errors.Is(v.err, syscall.ECONNREFUSED):
		return "gone: nobody listens"
	case errors.Is(v.err, context.DeadlineExceeded):
		return "no answer in " + short(v.took)
	case errors.Is(v.err, syscall.ECONNRESET):
		return "reset"
	default:
		return v.err.Error()
	}
}
