package proxy

import "math/rand/v2"

// after lets n bytes of a lane pass, and then does something else. With n zero
// the first byte that comes sets it off.
type after struct {
	n     int
	did   string // what a tap is told when it acts
	story string
	then  func(d *lane, next stage)
}

func (a after) String() string { return a.story }

func (a after) on(d *lane, next stage, _ *rand.Rand) stage {
	return &counter{after: a, left: a.n, lane: d, next: next}
}

type counter struct {
	after
	left int
	done bool
	lane *lane
	next stage
}

func (c *counter) Write(p []byte) bool {
	if c.done {
		return false
	}
	n := min(len(p), c.left)
	if n > 0 && !c.next.Write(p[:n]) {
		return false
	}
	c.left -= n
	if c.left > 0 {
		return true
	}
	c.done = true
	c.lane.link.act(c.lane.up, "%s", c.did)
	c.then(c.lane, c.next)
	return false
}

func (c *counter) End(how Kind, both bool) {
	if !c.done {
		c.next.End(how, both)
	}
}
